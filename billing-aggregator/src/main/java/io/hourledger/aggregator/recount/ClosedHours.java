package io.hourledger.aggregator.recount;

import io.hourledger.contracts.usage.UsageHour;
import java.time.OffsetDateTime;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which hours have been closed, and so can be counted again: for whoever wants to verify all of them, together with {@link
 * HourRecount#hoursInLog} and what the ledger has.
 */
public final class ClosedHours {

    /** Those with a cutoff of their own, and those before it that have usage. An hour without either can have usage in the log only. */
    private static final String HOURS =
            """
            with closed as (
                select partition, max(hour) as last
                  from aggregator.hour_cutoff
                 where closed_at is not null
                 group by partition
            )
            select partition, hour from aggregator.hour_cutoff where closed_at is not null
            union
            select bucket.partition, bucket.hour
              from aggregator.bucket join closed on closed.partition = bucket.partition
             where bucket.hour <= closed.last
             order by partition, hour""";

    private final JdbcClient sql;

    public ClosedHours(DataSource database) {
        this.sql = JdbcClient.create(database);
    }

    /** An hour of a partition. */
    public record PartitionHour(int partition, UsageHour hour) implements Comparable<PartitionHour> {
        @Override
        public int compareTo(PartitionHour other) {
            int byPartition = Integer.compare(partition, other.partition);
            return byPartition != 0 ? byPartition : hour.compareTo(other.hour);
        }
    }

    /** By partition and hour. */
    public List<PartitionHour> all() {
        return sql.sql(HOURS)
                .query((row, number) -> new PartitionHour(
                        row.getInt("partition"),
                        new UsageHour(
                                row.getObject("hour", OffsetDateTime.class).toInstant())))
                .list();
    }
}
