package io.hourledger.cli.ledger;

import io.hourledger.standalone.ExitCode;

/** What a check found, row by row as it is found, and what that comes to. */
final class Findings {

    private final Output.Rows rows;
    private long differing;
    private long unchecked;

    Findings(Output.Rows rows) {
        this.rows = rows;
    }

    /** Something is wrong. */
    void differs(String check, String about, String detail) {
        differing++;
        rows.add(check, "differs", about, detail);
    }

    /** Nobody can say whether something is wrong. */
    void notChecked(String check, String about, String detail) {
        unchecked++;
        rows.add(check, "not checked", about, detail);
    }

    /** Nothing is wrong, and a person should know. */
    void note(String check, String about, String detail) {
        rows.add(check, "note", about, detail);
    }

    long differing() {
        return differing;
    }

    long unchecked() {
        return unchecked;
    }

    /** A difference outweighs what was not checked. */
    int exitCode() {
        if (differing > 0) {
            return ExitCode.DIFFERENT;
        }
        return unchecked > 0 ? ExitCode.NOT_ALL : ExitCode.OK;
    }
}
