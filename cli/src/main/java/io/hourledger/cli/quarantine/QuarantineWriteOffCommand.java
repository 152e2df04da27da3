package io.hourledger.cli.quarantine;

import io.hourledger.aggregator.postgres.PostgresQuarantine;
import io.hourledger.aggregator.quarantine.QuarantineEntry;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Decision;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Kind;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.standalone.ExitCode;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code ./metering quarantine write-off}. */
@Command(
        name = "write-off",
        header = "Says that events in quarantine are not to be counted: they stay, and are no longer open.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all are written off",
            "1:some were resent or written off before, or are not in quarantine; it says which",
            "2:the command line is wrong",
            "3:it could not run",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Examples: ./metering quarantine write-off 2/1041 --data-dir data --who li.wei --why \"a test of the app\""
                    + " --yes",
            "          ./metering quarantine write-off --reason late --until 2026-11-01T00:00:00Z --data-dir data \\",
            "             --who li.wei --why \"below what a credit is worth\" --yes",
            "Next: ./metering quarantine list"
        })
final class QuarantineWriteOffCommand extends DecisionOnQuarantined {

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        DecidedBy by = person.decidedBy();
        List<QuarantineEntry> meant = meant(ledger);
        Instant now = Person.now(ledger);
        PostgresQuarantine quarantine = new PostgresQuarantine(ledger.dataSource());
        Output.Rows rows = output.rows(out(), "record", "outcome", "detail");
        boolean allOpen = !meant.isEmpty() && !isAnyMissing();
        for (QuarantineEntry entry : meant) {
            Decision before = entry.decision();
            boolean isNew = (before == null || before.isUnfinished())
                    && (!person.means()
                            || quarantine.decide(entry.place(), new Decision(Kind.WRITTEN_OFF, now, by, null)));
            allOpen &= isNew;
            rows.add(
                    entry.place(),
                    isNew ? person.means() ? "written off" : "would be written off" : "decided before",
                    isNew ? entry.detail() : before == null ? "decided just now" : before.sentence());
        }
        rows.end();
        if (!allOpen) {
            return ExitCode.DIFFERENT;
        }
        if (!person.means()) {
            err().println("nothing has happened yet: this would; give --yes to write off");
            return ExitCode.NOT_ALL;
        }
        return ExitCode.OK;
    }
}
