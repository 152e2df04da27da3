package io.hourledger.pusher.push;

import io.hourledger.ledger.store.IndexScansOnly;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
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

    private static final View NOTHING_SEEN = new View(0, 0, null, null, 0, null);

    /** Elapsed time: several looks. */
    private static final Duration SEEN_LATELY = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(QueueWatch.class);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private volatile @Nullable View looked;
    private final LongSupplier nanoTime;
    private volatile long lookedNanos;
    private volatile Instant lookedAt;

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

    /**
     * @param nanoTime elapsed time, such as {@link System#nanoTime()}
     */
    QueueWatch(JdbcClient jdbc, TransactionTemplate transaction, Clock businessTime, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.lookedNanos = nanoTime.getAsLong();
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.lookedAt = businessTime.instant();
    }

    void look() {
        long beganNanos = nanoTime.getAsLong();
        Instant began = businessTime.instant();
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
        if (!Objects.equals(why, view().suspendedBecause())) {
            LOG.atLevel(why == null ? Level.INFO : Level.ERROR)
                    .addKeyValue("because", why)
                    .log(
                            why == null
                                    ? "pushing is not held any more"
                                    : "nothing is pushed: held until ./metering ledger reconcile lifts it, see docs/restore.md");
        }
        looked = now;
        lookedAt = began;
        lookedNanos = beganNanos;
    }

    private static long aboutIfMany(long counted, long about) {
        return counted < MOST_COUNTED ? counted : Math.max(counted, about);
    }

    /** As last seen; empty before the first look. */
    View view() {
        View last = looked;
        return last == null ? NOTHING_SEEN : last;
    }

    /** A figure as last seen; NaN before the first look. */
    double seen(ToDoubleFunction<View> figure) {
        View last = looked;
        return last == null ? Double.NaN : figure.applyAsDouble(last);
    }

    /**
     * Business seconds since the oldest unreported window ended; zero if there is none. What has come while nobody could look may be as old as
     * the last look, so an empty queue that is seen no more grows older.
     */
    double oldestAgeSeconds() {
        Instant oldest = view().oldestEnd();
        if (oldest == null && nanoTime.getAsLong() - lookedNanos < SEEN_LATELY.toNanos()) {
            return 0;
        }
        Instant since = oldest == null ? lookedAt : oldest;
        return Duration.between(since, businessTime.instant()).toMillis() / 1000.0;
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
