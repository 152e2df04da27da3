package io.hourledger.aggregator.page;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Lists the instances that cannot go on, of all partitions, from what is kept. */
public final class BlockedInstances {

    private static final String BLOCKED =
            """
            select partition, instance, min(hour) as first_hour, count(distinct hour) as hours, sum(events - shared_events) as events,
                   min(state_at) as since, (array_agg(detail order by hour, meter))[1] as reason
              from aggregator.bucket
             where state = 'blocked'
             group by partition, instance
             order by since, instance
             limit ?""";

    private static final int MOST_SHOWN = 1_000;

    private final JdbcClient database;

    public BlockedInstances(JdbcClient database) {
        this.database = database;
    }

    /**
     * An instance that fails whenever its next hour is entered in the ledger.
     *
     * @param firstHour that could not be entered; later ones queue behind it
     * @param hours that are not closed for this instance, though their partition has closed them
     * @param reason what the ledger's store or the code said
     */
    public record BlockedInstance(
            int partition, String instance, Instant firstHour, long hours, long events, Instant since, String reason) {}

    /** The first thousand, those blocked longest before all others. */
    public List<BlockedInstance> all() {
        return database.sql(BLOCKED)
                .param(MOST_SHOWN)
                .query((row, number) -> new BlockedInstance(
                        row.getInt("partition"),
                        row.getString("instance"),
                        row.getObject("first_hour", OffsetDateTime.class).toInstant(),
                        row.getLong("hours"),
                        row.getLong("events"),
                        row.getObject("since", OffsetDateTime.class).toInstant(),
                        row.getString("reason")))
                .list();
    }
}
