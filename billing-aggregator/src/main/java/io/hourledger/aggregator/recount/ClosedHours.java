package io.hourledger.aggregator.recount;

import io.hourledger.contracts.usage.UsageHour;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
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
            select cutoff.partition, cutoff.hour
              from aggregator.hour_cutoff cutoff left join aggregator.retention retention using (partition)
             where cutoff.closed_at is not null and cutoff.hour > coalesce(retention.closed_for_good, '-infinity')
            union
            select bucket.partition, bucket.hour
              from aggregator.bucket
              join closed on closed.partition = bucket.partition
              left join aggregator.retention retention on retention.partition = bucket.partition
             where bucket.hour <= closed.last and bucket.hour > coalesce(retention.closed_for_good, '-infinity')
             order by partition, hour""";

    private static final String CLOSED_FOR_GOOD =
            """
            select partition, closed_for_good from aggregator.retention where closed_for_good is not null""";

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

    /** For each partition the last hour that is closed for good, if there is one: up to there nobody can count again. */
    public SortedMap<Integer, UsageHour> closedForGood() {
        SortedMap<Integer, UsageHour> last = new TreeMap<>();
        sql.sql(CLOSED_FOR_GOOD).query(row -> {
            last.put(
                    row.getInt("partition"),
                    new UsageHour(row.getObject("closed_for_good", OffsetDateTime.class)
                            .toInstant()));
        });
        return last;
    }

    /** By partition and hour, without those that are closed for good. */
    public List<PartitionHour> all() {
        return sql.sql(HOURS)
                .query((row, number) -> new PartitionHour(
                        row.getInt("partition"),
                        new UsageHour(
                                row.getObject("hour", OffsetDateTime.class).toInstant())))
                .list();
    }
}
