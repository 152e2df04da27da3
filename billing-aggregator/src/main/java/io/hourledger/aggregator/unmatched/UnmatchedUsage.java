package io.hourledger.aggregator.unmatched;

import io.hourledger.aggregator.unmatched.SubjectUsage.Hours;
import io.hourledger.aggregator.unmatched.SubjectUsage.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads usage of closed hours that is counted and not in the ledger. */
public final class UnmatchedUsage {

    /** Each state by its own name, so that each is found by its own partial index. */
    private static final String LIST =
            """
            select partition, instance, meter, state, min(hour) as first_hour, max(hour) as last_hour, count(distinct hour) as hours,
                   sum(events - shared_events) as events, sum(raw_total) as raw_total, min(state_at) as since,
                   (array_agg(detail order by hour, revision))[1] as reason
              from (select * from aggregator.bucket where state = 'unmatched'
                     union all
                    select * from aggregator.bucket where state = 'refused') as b
             where (:subject::text is null or instance = :subject) and (:state::text is null or state = :state)
             group by partition, instance, meter, state
             order by since, instance, meter, state
             limit :limit""";

    private static final String TOTAL =
            """
            select buckets, events,
                   (select min(state_at) from aggregator.bucket b where b.partition = :partition and b.state = '%1$s' and b.state_at is not null) as since
              from aggregator.bucket_total
             where partition = :partition and state = '%1$s'""";

    private static final String OLDEST =
            """
            select instance, meter, state_at
              from aggregator.bucket
             where partition = :partition and state = '%s' and state_at is not null
             order by state_at
             limit 1""";

    private final JdbcClient database;

    public UnmatchedUsage(DataSource database) {
        this.database = JdbcClient.create(database);
    }

    /**
     * Usage of one partition that stands so.
     *
     * @param since when the first of it became so, in business time; null if there is none
     */
    public record Total(long buckets, long events, @Nullable Instant since) {

        static final Total NONE = new Total(0, 0, null);
    }

    /** What {@link #list} is asked for; null for all. */
    public record Filter(@Nullable String subject, @Nullable State state) {

        public static final Filter ALL = new Filter(null, null);
    }

    /** By subject and meter, the oldest before all others. */
    public List<SubjectUsage> list(Filter filter, int limit) {
        return database.sql(LIST)
                .param("subject", filter.subject())
                .param("state", filter.state() == null ? null : filter.state().code())
                .param("limit", limit)
                .query((row, number) -> new SubjectUsage(
                        row.getInt("partition"),
                        row.getString("instance"),
                        row.getString("meter"),
                        State.ofCode(row.getString("state")).orElseThrow(),
                        new Hours(
                                instant(row, "first_hour"),
                                instant(row, "last_hour"),
                                row.getLong("hours"),
                                row.getLong("events")),
                        row.getBigDecimal("raw_total"),
                        instant(row, "since"),
                        row.getString("reason")))
                .list();
    }

    /** How much of a partition's usage stands so. It costs the same whatever there is. */
    Total total(int partition, State state) {
        Optional<Total> total = database.sql(TOTAL.formatted(state.code()))
                .param("partition", partition)
                .query((row, number) -> new Total(
                        row.getLong("buckets"),
                        row.getLong("events"),
                        row.getObject("since") == null ? null : instant(row, "since")))
                .optional();
        return total.orElse(Total.NONE);
    }

    /**
     * A bucket that is not in the ledger.
     *
     * @param since when it became so, in business time
     */
    record Oldest(String subject, String meter, Instant since) {}

    /** That of a partition which became so before all others; empty if there is none. It costs the same whatever there is. */
    Optional<Oldest> oldest(int partition, State state) {
        return database.sql(OLDEST.formatted(state.code()))
                .param("partition", partition)
                .query((row, number) ->
                        new Oldest(row.getString("instance"), row.getString("meter"), instant(row, "state_at")))
                .optional();
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
