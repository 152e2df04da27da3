package io.hourledger.cli.ledger;

import io.hourledger.cli.ledger.UsageLogPlace.Kafka;
import io.hourledger.cli.ledger.UsageLogPlace.KafkaMissingException;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.ledger.installation.Incarnation;
import io.hourledger.ledger.installation.Installation;
import io.hourledger.standalone.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./metering ledger incarnation}. */
@Command(
        name = "incarnation",
        header = "Which installation this database is of, the incarnations it has had, and which one is in force.",
        description = {
            "",
            "Every start, promotion or restore of PostgreSQL draws a new incarnation. The newest closes hours and pushes;"
                    + " every other database of the installation does nothing. Changes nothing by itself.",
            ""
        },
        subcommands = IncarnationDrawCommand.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:this database is in force",
            "1:it is not; the sentence says why, and what to do",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {
            "",
            "Example: ./metering ledger incarnation --data-dir data",
            "Next: ./metering ledger incarnation draw --data-dir data --who NAME --why TEXT --yes"
        })
final class IncarnationCommand extends LedgerQuestion {

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        try (Kafka kafka = place.open(ledger)) {
            Installation.Shown shown = kafka.shownInstallation();
            Output.Rows rows =
                    output.rows(out(), "incarnation", "drawn_at", "because", "timeline", "host", "decided_by", "why");
            for (Incarnation one : shown.all()) {
                DecidedBy by = one.by();
                rows.add(
                        one.number(),
                        one.drawnAt(),
                        one.reason().code(),
                        one.timeline(),
                        one.host(),
                        by == null ? null : by.who(),
                        by == null ? null : by.why());
            }
            rows.end();
            err().println("this database is installation " + shown.installation() + ": " + shown.status());
            return shown.inForce() ? ExitCode.OK : ExitCode.DIFFERENT;
        } catch (KafkaMissingException missing) {
            throw new IllegalStateException(missing.getMessage(), missing);
        }
    }
}
