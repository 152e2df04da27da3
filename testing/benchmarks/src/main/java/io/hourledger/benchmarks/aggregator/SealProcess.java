package io.hourledger.benchmarks.aggregator;

import io.hourledger.aggregator.BillingAggregator;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.PartitionBoard;
import io.hourledger.benchmarks.process.Parent;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** The service until it has counted a topic to its end and closed and sealed the hours that are over. */
public final class SealProcess {

    private static final String UNSEALED = "select count(*) from aggregator.hour_cutoff where sealed_at is null";

    private SealProcess() {}

    /** Takes how many events the topic holds, then Spring's settings. */
    public static void main(String[] arguments) {
        long events = Long.parseLong(arguments[0]);
        Parent.whenItEnds(() -> {});
        try (ConfigurableApplicationContext service =
                BillingAggregator.application().run(Arrays.copyOfRange(arguments, 1, arguments.length))) {
            PartitionBoard board = service.getBean(Aggregator.class).partitions();
            JdbcTemplate sql = new JdbcTemplate(service.getBean(DataSource.class));
            while (durable(board) < events || unsealed(sql) > 0) {
                Parent.progress(durable(board));
                // elapsed time: a look ten times a second
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            Parent.result(Map.of("events", durable(board)));
        }
    }

    private static long durable(PartitionBoard board) {
        return board.all().stream()
                .mapToLong(PartitionStatus::checkpointedOffset)
                .sum();
    }

    private static long unsealed(JdbcTemplate sql) {
        Long count = sql.queryForObject(UNSEALED, Long.class);
        return count == null ? 0 : count;
    }
}
