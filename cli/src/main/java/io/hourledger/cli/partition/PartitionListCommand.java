package io.hourledger.cli.partition;

import io.hourledger.aggregator.postgres.PostgresPartitionPositions;
import io.hourledger.aggregator.recount.LogExtents.Extent;
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

/** {@code ./metering partition list}. */
@Command(
        name = "list",
        header = "All partitions: which are halted, how far each was counted, how far its log reaches.",
        description = {"", "Read from the database and from Kafka, so it answers while no aggregator runs, too.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:no partition is halted",
            "1:a partition is halted; ./metering partition show N says what to do",
            "2:the command line is wrong",
            "3:it could not run"
        },
        footer = {"", "Example: ./metering partition list --data-dir data"})
final class PartitionListCommand extends LedgerQuestion {

    @Mixin
    private UsageLogPlace place = new UsageLogPlace();

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        List<PartitionStanding> all = new PostgresPartitionPositions(ledger.dataSource()).all();
        List<Optional<Extent>> extents = LogOfPartitions.extents(
                place, ledger, all.stream().map(PartitionStanding::partition).toList(), err());
        Output.Rows rows = output.rows(
                out(), "partition", "state", "since", "reason", "position", "log-begin", "log-end", "not-counted");
        for (int i = 0; i < all.size(); i++) {
            PartitionStanding one = all.get(i);
            StoredHalt halted = one.halted();
            Optional<Extent> extent = extents.get(i);
            rows.add(
                    one.partition(),
                    halted == null ? "not halted" : "halted",
                    halted == null ? null : halted.since(),
                    halted == null ? null : halted.reason(),
                    one.nextOffset(),
                    extent.map(Extent::begin).orElse(null),
                    extent.map(Extent::end).orElse(null),
                    extent.map(log -> Math.max(0, log.end() - one.nextOffset())).orElse(null));
        }
        rows.end();
        return all.stream().anyMatch(one -> one.halted() != null) ? ExitCode.DIFFERENT : ExitCode.OK;
    }
}
