package io.hourledger.ledger.installation;

import java.util.stream.Stream;

/** Says why a database has drawn an incarnation. The stable {@link #code()} is what rows, entries and commands show. */
public enum DrawReason {

    /** The installation had none. */
    FIRST("first"),

    /** PostgreSQL was started anew: after a stop, or on a copy of the folder. */
    RESTARTED("restarted"),

    /** PostgreSQL is on another timeline: a standby was promoted, or a backup was recovered to a point in time. */
    PROMOTED("promoted"),

    /** The database forgot its draw: a backup from before the first one, or {@code ./metering ledger restore}. */
    RESTORED("restored"),

    /** A person decided that this database goes on. */
    PERSON("person");

    private final String code;

    DrawReason(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    /** The reason with this code; a code of a newer version says no more than that a person must look. */
    static DrawReason ofCode(String code) {
        return Stream.of(values())
                .filter(reason -> reason.code.equals(code))
                .findFirst()
                .orElse(PERSON);
    }
}
