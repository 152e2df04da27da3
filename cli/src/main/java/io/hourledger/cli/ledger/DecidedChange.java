package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.standalone.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A change that a person decides and one statement makes, with who and why. It is said first, and made with {@code --yes}. */
@Command(
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is done",
            "1:there was nothing to change, and a sentence says why",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        })
public abstract class DecidedChange extends LedgerQuestion {

    @Mixin
    private Person person = new Person();

    @Override
    protected final boolean needsTables() {
        return false;
    }

    @Override
    protected final int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        check();
        if (!person.means()) {
            err().println("nothing has happened yet: give --yes to " + what());
            return ExitCode.NOT_ALL;
        }
        if (!change(ledger, by)) {
            err().println("metering: " + whyNot());
            return ExitCode.DIFFERENT;
        }
        err().println(done());
        return ExitCode.OK;
    }

    /** Refuses a command line that its parser cannot see to be wrong. */
    protected void check() {}

    /** Such as {@code suspend seller account acme}. */
    protected abstract String what();

    /** False if there is nothing to change. */
    protected abstract boolean change(LedgerDatabase.Open ledger, DecidedBy by);

    /** Why there was nothing to change. */
    protected abstract String whyNot();

    /** What is so from now on. */
    protected abstract String done();
}
