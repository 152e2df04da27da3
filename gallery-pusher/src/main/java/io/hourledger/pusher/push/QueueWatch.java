package io.hourledger.pusher.push;

import io.hourledger.ledger.store.IndexScansOnly;
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
import org.springframework.transaction.support.TransactionTemplate;

/** Looks at the queue from time to time, so that metrics and health need no query of their own. */
final class QueueWatch {

    /** Each lane is counted as far as this; beyond it, the queue's size is what PostgreSQL's own statistics say. */
    static final int MOST_COUNTED = 10_000;

    private static final String COUNTED =
            "(select count(*) from (select from pusher.work where deadline %s :now order by deadline limit "
                    + MOST_COUNTED + ") counted)";

    private static final String LOOK = "select " + COUNTED.formatted(">") + " as in_time, " + COUNTED.formatted("<=")
            + """
             as late,
                   pg_stat_get_live_tuples('pusher.work'::regclass) as about,
                   oldest.begin_at as oldest_begin, oldest.end_at as oldest_end,
                   (select count(*) from (select from pusher.record_needing_review order by metering_sn limit 10000) counted) as held,
                   (select who || ': ' || why from pusher.push_suspension where resumed_at is null limit 1) as held_because
              from (values (1)) one
              left join lateral (select begin_at, end_at from pusher.work
                                  order by deadline, begin_at, end_at
                                  limit 1) oldest on true""";

    private static final Logger LOG = LoggerFactory.getLogger(QueueWatch.class);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private volatile View view = new View(0, 0, null, null, 0, null);

    /**
     * @param inTime records that can still be in time; more than {@value #MOST_COUNTED} are told as about how many
     * @param late records that are late already; more than {@value #MOST_COUNTED} are told as about how many
     * @param oldestBegin where the window of the record with the earliest deadline begins
     * @param oldestEnd where that window ends
     * @param held records a person must look at; at most 10,000 are counted
     * @param suspendedBecause who holds all pushing and why, if so
     */
    record View(
            long inTime,
            long late,
            @Nullable Instant oldestBegin,
            @Nullable Instant oldestEnd,
            long held,
            @Nullable String suspendedBecause) {}

    QueueWatch(JdbcClient jdbc, TransactionTemplate transaction, Clock businessTime) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
    }

    void look() {
        View now = Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return jdbc.sql(LOOK)
                    .param("now", businessTime.instant().atOffset(ZoneOffset.UTC))
                    .query((row, n) -> {
                        long inTime = row.getLong("in_time");
                        long late = row.getLong("late");
                        long about = row.getLong("about");
                        return new View(
                                aboutIfMany(inTime, about - late),
                                aboutIfMany(late, about - inTime),
                                instant(row.getObject("oldest_begin", OffsetDateTime.class)),
                                instant(row.getObject("oldest_end", OffsetDateTime.class)),
                                row.getLong("held"),
                                row.getString("held_because"));
                    })
                    .single();
        }));
        String why = now.suspendedBecause();
        if (!Objects.equals(why, view.suspendedBecause())) {
            LOG.atLevel(why == null ? Level.INFO : Level.ERROR)
                    .addKeyValue("because", why)
                    .log(
                            why == null
                                    ? "pushing is not held any more"
                                    : "nothing is pushed: held until ./metering ledger reconcile lifts it, see docs/restore.md");
        }
        view = now;
    }

    private static long aboutIfMany(long counted, long about) {
        return counted < MOST_COUNTED ? counted : Math.max(counted, about);
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
