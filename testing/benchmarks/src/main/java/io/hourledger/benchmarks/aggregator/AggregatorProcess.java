package io.hourledger.benchmarks.aggregator;

import io.hourledger.aggregator.BillingAggregator;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.PartitionBoard;
import io.hourledger.benchmarks.load.LoadTotals;
import io.hourledger.benchmarks.process.Parent;
import io.hourledger.benchmarks.report.CountingRate;
import io.hourledger.contracts.usage.UsageHour;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Ours, (c): the service itself as production starts it, web server, metrics and all; only its settings name the bench's servers. Its
 * progress is what it has committed, so nothing counts here before it is durable.
 */
public final class AggregatorProcess {

    private static final String SUMS = "select instance, hour, raw_total from aggregator.bucket";

    private AggregatorProcess() {}

    /** Takes how many events the topic holds, how many of them were counted before, a file for the sums, then Spring's settings. */
    public static void main(String[] arguments) throws IOException {
        long events = Long.parseLong(arguments[0]);
        long before = Long.parseLong(arguments[1]);
        Path sums = Path.of(arguments[2]);
        String[] settings = Arrays.copyOfRange(arguments, 3, arguments.length);

        Parent.whenItEnds(() -> {});
        try (ConfigurableApplicationContext service =
                BillingAggregator.application().run(settings)) {
            PartitionBoard board = service.getBean(Aggregator.class).partitions();
            awaitAnyCounting(board);
            try (CountingRate rate =
                    CountingRate.from(() -> durable(board) - before, events - before, Parent::progress)) {
                while (durable(board) < events) {
                    // elapsed time: a look at what is durable a hundred times a second
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                }
                Map<String, Object> result = new LinkedHashMap<>(rate.durable());
                result.put("duplicates", total(board, Tally.DUPLICATES));
                result.put("set_aside", total(board, Tally.QUARANTINED));
                result.put(
                        "ids_held",
                        board.all().stream().mapToLong(PartitionStatus::idsHeld).sum());
                writeSums(service.getBean(DataSource.class), sums);
                Parent.result(result);
            }
        }
    }

    /** From here on events can be counted; what came before was starting. */
    private static void awaitAnyCounting(PartitionBoard board) {
        while (board.all().stream().noneMatch(status -> status.state() == PartitionStatus.State.COUNTING)) {
            refuseHalted(board.all());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    private static long durable(PartitionBoard board) {
        List<PartitionStatus> all = board.all();
        refuseHalted(all);
        return all.stream().mapToLong(PartitionStatus::checkpointedOffset).sum();
    }

    private static void refuseHalted(List<PartitionStatus> all) {
        for (PartitionStatus status : all) {
            if (status.haltedBecause() != null) {
                throw new IllegalStateException(
                        "partition " + status.partition() + " is halted: " + status.haltedBecause());
            }
        }
    }

    private enum Tally {
        DUPLICATES,
        QUARANTINED
    }

    private static long total(PartitionBoard board, Tally tally) {
        return board.all().stream()
                .map(PartitionStatus::tallies)
                .mapToLong(tallies -> tally == Tally.DUPLICATES ? tallies.duplicates() : tallies.quarantined())
                .sum();
    }

    private static void writeSums(DataSource database, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            new JdbcTemplate(database).query(SUMS, row -> {
                try {
                    out.write(LoadTotals.line(
                            row.getString(1),
                            UsageHour.of(row.getObject(2, OffsetDateTime.class).toInstant()),
                            row.getBigDecimal(3)));
                } catch (IOException e) {
                    throw new UncheckedIOException("the sums cannot be written", e);
                }
            });
        }
    }
}
