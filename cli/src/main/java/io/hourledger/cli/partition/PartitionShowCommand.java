package io.hourledger.cli.partition;

import io.hourledger.aggregator.page.PartitionAccounts;
import io.hourledger.aggregator.page.PartitionAccounts.Account;
import io.hourledger.aggregator.page.PartitionAccounts.InBuckets;
import io.hourledger.aggregator.page.PartitionAccounts.NotCounted;
import io.hourledger.aggregator.postgres.PostgresPartitionPositions;
import io.hourledger.aggregator.recount.LogExtents.Extent;
import io.hourledger.aggregator.resume.LogGap;
import io.hourledger.aggregator.resume.PartitionStanding;
import io.hourledger.aggregator.resume.PartitionStanding.StoredHalt;
import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.cli.ledger.UsageLogPlace;
import io.hourledger.standalone.ExitCode;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ./metering partition show}. */
@Command(
        name = "show",
        header = "One partition: why it is halted, what lies between its position and its log, what to do.",
        description = {"", "Also shows what a person let it skip before, and who let it go on.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is not halted",
            "1:it is halted, or there is no such partition",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {
            "",
            "Example: ./metering partition show 2 --data-dir data",
            "Next: ./metering partition resume 2 --data-dir data --who NAME --why TEXT"
        })
final class PartitionShowCommand extends LedgerQuestion {

    private static final String RESUMPTIONS =
            """
            select resumed_at::text || ' by ' || decided_by || ' (' || why || '): ' || reason || ', offset ' || from_offset
                   || case when to_offset > from_offset then ' to ' || to_offset else '' end
              from aggregator.partition_resumption
             where partition = ?
             order by number desc
             limit 20""";

    @Parameters(paramLabel = "PARTITION", description = "its number")
    private int partition;

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        PostgresPartitionPositions positions = new PostgresPartitionPositions(ledger.dataSource());
        Optional<PartitionStanding> found = positions.of(partition);
        if (found.isEmpty()) {
            err().println("metering: nothing was ever read of a partition " + partition);
            return ExitCode.DIFFERENT;
        }
        PartitionStanding standing = found.get();
        StoredHalt halted = standing.halted();
        Optional<Extent> log = LogOfPartitions.extents(place, ledger, List.of(partition), err())
                .get(0);
        Output.Rows rows = output.rows(out(), "about", "value");
        rows.add("state", halted == null ? "not halted" : "halted");
        if (halted != null) {
            rows.add("since", halted.since());
            rows.add("reason", halted.reason());
            rows.add("detail", halted.detail());
            rows.add("what to do", halted.mending());
        }
        rows.add("position", standing.nextOffset());
        rows.add("accepts hours from", standing.acceptsFrom());
        log.ifPresent(extent -> {
            rows.add("log", "offsets " + extent.begin() + " to " + (extent.end() - 1));
            rows.add("between", between(standing.nextOffset(), extent));
        });
        new PartitionAccounts(ledger.dataSource())
                .all().stream()
                        .filter(account -> account.partition() == partition)
                        .forEach(account -> addBalance(rows, account));
        for (LogGap gap : positions.gaps()) {
            if (gap.partition() == partition) {
                rows.add("skipped", gap.offsets() + ": " + gap.hours() + " may miss usage");
            }
        }
        ledger.jdbc().queryForList(RESUMPTIONS, String.class, partition).forEach(one -> rows.add("resumed", one));
        rows.end();
        if (halted == null) {
            return ExitCode.OK;
        }
        err().println("next: ./metering partition resume " + partition
                + (isLost(halted, standing, log) ? " --to log-start" : "") + " --who NAME --why TEXT");
        return ExitCode.DIFFERENT;
    }

    private static void addBalance(Output.Rows rows, Account account) {
        InBuckets buckets = account.buckets();
        NotCounted others = account.notCounted();
        long quarantined = others.quarantined().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        rows.add(
                "consumed",
                account.consumed() + " = " + buckets.counted() + " counted + " + buckets.unmatched() + " unmatched + "
                        + buckets.blocked() + " blocked + " + buckets.refused() + " refused + "
                        + buckets.writtenOff() + " written off + " + buckets.dropped()
                        + " dropped + " + others.duplicates() + " duplicates + " + others.filteredOut()
                        + " filtered out + " + quarantined + " quarantined");
        if (account.amendments() > 0) {
            rows.add("amendments", account.amendments() + " of the records in buckets correct other events");
        }
        if (account.unexplained() != 0) {
            rows.add("unexplained", account.unexplained() + " of these records: something was lost or doubled");
        }
    }

    private static boolean isLost(StoredHalt halted, PartitionStanding standing, Optional<Extent> log) {
        return halted.liesInRecords()
                && log.filter(extent -> extent.begin() > standing.nextOffset()).isPresent();
    }

    private static String between(long position, Extent log) {
        if (log.begin() > position) {
            return "offsets " + position + " to " + (log.begin() - 1) + " were never counted and are lost; "
                    + (log.end() - log.begin()) + " behind them are not counted yet";
        }
        if (log.end() < position) {
            return "offsets " + log.end() + " to " + (position - 1) + " were counted and are no longer in the log";
        }
        return (log.end() - position) + " offsets are not counted yet";
    }
}
