package io.hourledger.pusher.instances;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Reads what hours have come to that are not closed yet, as the aggregator has counted up to its last checkpoint, a second or so ago. It is
 * read from the aggregator's buckets and changes until the hour is closed.
 */
final class OpenHours {

    /** If closing stands still that long, older hours are left out. */
    private static final Duration OLDEST = Duration.ofHours(24);

    /** Events may be timed ahead by an hour or so. */
    private static final Duration NEWEST = Duration.ofHours(2);

    private static final String COUNTED = "select to_regclass('aggregator.bucket') is not null";

    /**
     * For each partition its last closed hour, which the ledger's projections may not have yet, and the hours since: each is one descent of the
     * buckets' key.
     */
    private static final String OPEN =
            """
            select bucket.hour, bucket.raw_total, bucket.events, bucket.last_event_at
              from aggregator.partition_position position
              left join lateral (select cutoff.hour from aggregator.hour_cutoff cutoff
                                  where cutoff.partition = position.partition and cutoff.closed_at is not null
                                  order by cutoff.hour desc limit 1) closed on true
             cross join lateral generate_series(greatest(closed.hour, :oldest::timestamptz),
                                                :newest::timestamptz, interval '1 hour') open(hour)
              join aggregator.bucket bucket
                on bucket.partition = position.partition and bucket.hour = open.hour and bucket.instance = :instance
                   and bucket.meter = :meter and bucket.revision = 0
                   and bucket.state in ('counted', 'blocked')
             order by bucket.hour desc""";

    private final JdbcClient jdbc;
    private volatile boolean counted;

    OpenHours(DataSource database) {
        this.jdbc = JdbcClient.create(database);
    }

    /** An hour that is not closed. */
    record OpenHour(Instant hour, BigDecimal rawTotal, long events, Instant lastEventAt) {}

    /** The newest first, with the last that was closed; none if no aggregator has ever worked on this database. */
    List<OpenHour> of(String instanceId, String meter, Instant now) {
        if (!counted) {
            counted = jdbc.sql(COUNTED).query(Boolean.class).single();
            if (!counted) {
                return List.of();
            }
        }
        Instant hour = now.truncatedTo(ChronoUnit.HOURS);
        return jdbc.sql(OPEN)
                .param("oldest", hour.minus(OLDEST).atOffset(ZoneOffset.UTC))
                .param("newest", hour.plus(NEWEST).atOffset(ZoneOffset.UTC))
                .param("instance", instanceId)
                .param("meter", meter)
                .query((row, number) -> new OpenHour(
                        row.getObject("hour", OffsetDateTime.class).toInstant(),
                        row.getBigDecimal("raw_total"),
                        row.getLong("events"),
                        row.getObject("last_event_at", OffsetDateTime.class).toInstant()))
                .list();
    }
}
