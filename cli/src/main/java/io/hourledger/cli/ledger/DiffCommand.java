package io.hourledger.cli.ledger;

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
        header = "What changed in a month between two views of it.",
        description = {
            "",
            "Everything that happened to the month's hours after --from and by --to, in business time (UTC): metered,"
                    + " withheld, issued, settled, decided. Two exports of the month, one at each time, differ by exactly"
                    + " this.",
            ""
        },
        footer = {
            "",
            "Example: ./metering ledger diff --data-dir data --month 2026-11 --from 2026-12-01T00:00:00Z --to"
                    + " 2026-12-05T00:00:00Z"
        })
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
    protected int answer(LedgerDatabase.Open ledger) {
        if (month == null || from == null || to == null) {
            return ExitCode.USAGE;
        }
        if (!from.isBefore(to)) {
            throw wrong("--from must lie before --to");
        }
        Output.Rows rows = output.rows(
                out(), "instance_id", "hour", "revision", "what", "at", "metering_sn", "amount", "who", "why");
        new MonthDiff(ledger.jdbc(), ledger.transactions())
                .changes(
                        month,
                        from,
                        to,
                        change -> rows.add(
                                change.instanceId(),
                                change.hour(),
                                change.revision(),
                                change.occurrence().type(),
                                change.occurrence().at(),
                                change.meteringSn(),
                                change.amount(),
                                change.occurrence().who(),
                                change.occurrence().why()));
        rows.end();
        return ExitCode.OK;
    }
}
