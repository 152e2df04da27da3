package io.hourledger.standalone.ledger;

import io.hourledger.ledger.statement.MonthDiff;
import io.hourledger.standalone.ExitCode;
import java.time.Instant;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering ledger diff}. */
@Command(
        name = "diff",
        description =
                "What changed in a month between two views of it: everything that happened to its hours after --from and by --to.")
final class DiffCommand extends LedgerQuestion {

    @Option(names = "--month", paramLabel = "YYYY-MM", required = true, description = "whose hours (UTC)")
    private @Nullable YearMonth month;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            required = true,
            description = "business time of the earlier view, ISO 8601")
    private @Nullable Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            required = true,
            description = "business time of the later view, ISO 8601")
    private @Nullable Instant to;

    @Override
    int answer(LedgerDatabase.Open ledger) {
        if (month == null || from == null || to == null) {
            return ExitCode.USAGE;
        }
        Output.Rows rows =
                output.rows(out(), "instance_id", "hour", "revision", "what", "at", "metering_sn", "amount", "why");
        new MonthDiff(ledger.jdbc(), ledger.transactions())
                .changes(
                        month,
                        from,
                        to,
                        change -> rows.add(
                                change.instanceId(),
                                change.hour(),
                                change.revision(),
                                change.what(),
                                change.at(),
                                change.meteringSn(),
                                change.amount(),
                                change.why()));
        rows.end();
        return ExitCode.OK;
    }
}
