package io.hourledger.standalone.demo;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the demo reads of the aggregator's tables: how much was counted, and up to which hour everything is closed. */
final class DemoCountReader {

    private static final String POSITION =
            """
            select coalesce(sum(counted), 0) as counted, coalesce(sum(duplicates), 0) as duplicates,
                   coalesce(sum(filtered_out), 0) as filtered_out
              from aggregator.partition_position""";

    private static final String QUARANTINED =
            "select reason, count(*) as events from aggregator.quarantine group by reason";

    /** A partition that has closed nothing yet has no row: then nothing is closed through. */
    private static final String CLOSED_THROUGH =
            """
            select case when count(*) = (select partitions from aggregator.log_identity) then min(closed) end
              from (select max(hour) as closed
                      from aggregator.hour_cutoff
                     where closed_at is not null
                     group by partition) as partitions""";

    private static final String HOURS_WITH_USAGE = "select count(distinct hour) from aggregator.bucket";
    private static final String WAITING = "select count(*) from aggregator.bucket where state = 'unmatched'";

    private final JdbcClient database;

    DemoCountReader(DataSource database) {
        this.database = JdbcClient.create(database);
    }

    /** Sums over all partitions. */
    record Counted(long counted, long duplicates, long filteredOut) {}

    Counted counted() {
        return database.sql(POSITION)
                .query((row, number) ->
                        new Counted(row.getLong("counted"), row.getLong("duplicates"), row.getLong("filtered_out")))
                .single();
    }

    /** Events in quarantine, by reason. */
    Map<String, Long> quarantined() {
        Map<String, Long> reasons = new TreeMap<>();
        database.sql(QUARANTINED).query(row -> {
            reasons.put(row.getString("reason"), row.getLong("events"));
        });
        return reasons;
    }

    /** The start of the last hour that every partition has closed. */
    Optional<Instant> closedThrough() {
        return database.sql(CLOSED_THROUGH)
                .query((row, number) -> Optional.ofNullable(row.getObject(1, OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant))
                .single();
    }

    long hoursWithUsage() {
        return database.sql(HOURS_WITH_USAGE).query(Long.class).single();
    }

    /** Buckets that wait for an instance which nobody has opened. */
    long waiting() {
        return database.sql(WAITING).query(Long.class).single();
    }
}
