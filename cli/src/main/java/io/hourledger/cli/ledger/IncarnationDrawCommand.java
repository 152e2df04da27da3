package io.hourledger.cli.ledger;

import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.installation.IncarnationStatus;
import io.hourledger.ledger.installation.Installation;
import io.hourledger.standalone.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./metering ledger incarnation draw}. */
@Command(
        name = "draw",
        header = "Decides that this database is the one that goes on; every other one of its installation stops.",
        description = {
            "",
            "Look first which database knows more: what another one has counted and pushed since is not in this one. The"
                    + " services of both notice within seconds.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:this database is in force",
            "1:another one was drawn meanwhile",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Example: ./metering ledger incarnation draw --data-dir data --who li.wei --why \"the standby lagged\" --yes",
            "Next: ./metering ledger incarnation, then ./metering ledger reconcile"
        })
final class IncarnationDrawCommand extends LedgerQuestion {

    @Mixin
    private Person person = new Person();

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        try (Kafka kafka = place.open(ledger)) {
            Installation.Shown shown = kafka.shownInstallation();
            err().println("this database is installation " + shown.installation() + ": " + shown.status());
            if (!person.means()) {
                err().println(
                                "nothing has happened yet: this would draw a new incarnation; give --yes to let it go on");
                return ExitCode.NOT_ALL;
            }
            try (Installation installation = kafka.installation()) {
                IncarnationStatus drawn = installation.draw(by);
                err().println(drawn.whyNot().orElse("it is in force; running services notice within seconds"));
                return drawn.whyNot().isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
            }
        } catch (KafkaMissingException missing) {
            throw new IllegalStateException(missing.getMessage(), missing);
        }
    }
}
