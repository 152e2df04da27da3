package io.hourledger.pusher.push;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Looks at the queue from time to time, so that metrics and health need no query of their own. */
final class QueueWatch {

    private static final String LOOK =
            """
            select count(*) filter (where deadline > :now) as in_time,
                   count(*) filter (where deadline <= :now) as late,
                   min(begin_at) as oldest_begin, min(end_at) as oldest_end,
                   (select count(*) from pusher.held_record) as held,
                   (select who || ': ' || why from pusher.hold where lifted_at is null) as held_because
              from pusher.work""";

    private static final Logger LOG = LoggerFactory.getLogger(QueueWatch.class);

    private final JdbcClient jdbc;
    private final Clock businessTime;
    private volatile View view = new View(0, 0, null, null, 0, null);

    /**
     * @param inTime records that can still be in time
     * @param late records that are late already
     * @param oldestBegin where the oldest record's window begins
     * @param oldestEnd where the oldest record's window ends
     * @param held records a person must look at
     * @param heldBecause who holds all pushing and why, if so
     */
    record View(
            long inTime,
            long late,
            @Nullable Instant oldestBegin,
            @Nullable Instant oldestEnd,
            long held,
            @Nullable String heldBecause) {}

    QueueWatch(JdbcClient jdbc, Clock businessTime) {
        this.jdbc = jdbc;
        this.businessTime = businessTime;
    }

    void look() {
        View now = jdbc.sql(LOOK)
                .param("now", businessTime.instant().atOffset(ZoneOffset.UTC))
                .query((row, n) -> new View(
                        row.getLong("in_time"),
                        row.getLong("late"),
                        instant(row.getObject("oldest_begin", OffsetDateTime.class)),
                        instant(row.getObject("oldest_end", OffsetDateTime.class)),
                        row.getLong("held"),
                        row.getString("held_because")))
                .single();
        String why = now.heldBecause();
        if (!Objects.equals(why, view.heldBecause())) {
            LOG.atLevel(why == null ? Level.INFO : Level.ERROR)
                    .addKeyValue("because", why)
                    .log(
                            why == null
                                    ? "pushing is not held any more"
                                    : "nothing is pushed: held until ./metering ledger reconcile lifts it, see docs/restore.md");
        }
        view = now;
    }

    View view() {
        return view;
    }

    /** Business seconds since the oldest unreported window ended; zero if there is none. */
    double oldestAgeSeconds() {
        return Optional.ofNullable(view.oldestEnd())
                .map(end ->
                        java.time.Duration.between(end, businessTime.instant()).toMillis() / 1000.0)
                .orElse(0.0);
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
