package io.hourledger.pusher.push;

import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.marketplace.Deadlines;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Looks at the queue of a seller account from time to time, so that metrics and health need no query of their own. */
final class QueueWatch {

    /** Each lane is counted as far as this; beyond it, the queue's size is what PostgreSQL's own statistics say, of all accounts. */
    static final int MOST_COUNTED = 10_000;

    private static final String LOOK =
            """
            select %s as in_time, %s as late, %s as delayed, %s as aged, %s as frozen, %s as frozen_aged,
                   pg_stat_get_live_tuples('pusher.work'::regclass) as about,
                   first.begin_at as first_begin, first.expected_by as first_expected,
                   (select begin_at from pusher.work where account = :account and %s
                     order by begin_at limit 1) as earliest_begin,
                   issued.*,
                   coalesce((select who || ': ' || why from pusher.push_suspension where resumed_at is null limit 1),
                            (select 'account ' || account || ' alone, by ' || who || ': ' || why from pusher.account_suspension
                              where account = :account and resumed_at is null)) as held_because
              from (values (1)) one
              left join lateral (select begin_at, expected_by from pusher.work
                                  where account = :account and %s
                                  order by expected_by, begin_at
                                  limit 1) first on true
             cross join lateral (select count(*) as outbox, min(hour) as outbox_begin, %s
                                   from (select hour from ledger.outbox
                                          where account = :account
                                          order by hour, metering_sn
                                          limit 10000) counted) issued"""
                    .formatted(
                            asked("deadline > :now", "deadline"),
                            asked("deadline <= :now", "deadline"),
                            asked("expected_by <= :delayed", "expected_by"),
                            asked("begin_at <= :aged", "begin_at"),
                            counted(PushQueue.WAITS_FOR_UNFREEZING, "begin_at"),
                            counted(PushQueue.WAITS_FOR_UNFREEZING + " and begin_at <= :aged", "begin_at"),
                            PushQueue.IS_ASKED_FOR,
                            PushQueue.IS_ASKED_FOR,
                            Stream.of(BillingCycle.values())
                                    .map(cycle ->
                                            """
                                            (select coalesce(collected_with, hour) from ledger.outbox
                                              where account = :account and billing_cycle = '%s'
                                              order by coalesce(collected_with, hour) limit 1) as outbox_%s"""
                                                    .formatted(cycle, cycle))
                                    .collect(Collectors.joining(", ")));

    private static final View NOTHING_SEEN = new View(0, 0, new Overdue(0, 0), new Frozen(0, 0), null, null);

    /** Elapsed time: several looks. */
    private static final Duration SEEN_LATELY = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(QueueWatch.class);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final Deadlines deadlines;
    private final String account;
    private volatile @Nullable View looked;
    private final LongSupplier nanoTime;
    private volatile long lookedNanos;
    private volatile Instant lookedAt;

    /**
     * What waits for a frozen instance is counted apart, and in nothing else: the marketplace does not take it, and nobody can make it.
     *
     * @param inTime records that can still be in time, and all that are not on the queue yet; more than {@value #MOST_COUNTED} are told as about how many
     * @param late records whose own hour was collected without them; more than {@value #MOST_COUNTED} are told as about how many
     * @param overdue records that are more than late
     * @param frozen records that wait for a frozen instance
     * @param first what the marketplace expects first; null if nothing waits
     * @param suspendedBecause who holds all pushing and why, if so
     */
    record View(
            long inTime,
            long late,
            Overdue overdue,
            Frozen frozen,
            @Nullable First first,
            @Nullable String suspendedBecause) {}

    /**
     * Records that are more than late, at most {@value #MOST_COUNTED} of each.
     *
     * @param delayed whose charge is delayed
     * @param aged that will soon be taken no more
     */
    record Overdue(long delayed, long aged) {}

    /**
     * Records that wait until their instance is frozen no more, at most {@value #MOST_COUNTED} of each.
     *
     * @param records all of them
     * @param aged that will soon be taken no more
     */
    record Frozen(long records, long aged) {}

    /**
     * What the marketplace expects first.
     *
     * @param begin where the window of the record begins that is expected first
     * @param expectedBy by when it is: the collection of its hour, or of the hour from which on it could be sent
     * @param earliestBegin the earliest begin of any record
     */
    record First(Instant begin, Instant expectedBy, Instant earliestBegin) {

        private First or(First other) {
            First first = other.expectedBy.isBefore(expectedBy) ? other : this;
            return new First(
                    first.begin,
                    first.expectedBy,
                    other.earliestBegin.isBefore(earliestBegin) ? other.earliestBegin : earliestBegin);
        }
    }

    private static String asked(String which, String order) {
        return counted(PushQueue.IS_ASKED_FOR + " and " + which, order);
    }

    private static String counted(String which, String order) {
        return "(select count(*) from (select from pusher.work where account = :account and " + which + " order by "
                + order + " limit " + MOST_COUNTED + ") counted)";
    }

    /**
     * @param nanoTime elapsed time, such as {@link System#nanoTime()}
     */
    QueueWatch(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            LongSupplier nanoTime,
            Deadlines deadlines,
            String account) {
        this.account = account;
        this.nanoTime = nanoTime;
        this.lookedNanos = nanoTime.getAsLong();
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.deadlines = deadlines;
        this.lookedAt = businessTime.instant();
    }

    void look() {
        long beganNanos = nanoTime.getAsLong();
        Instant began = businessTime.instant();
        View now = Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            OffsetDateTime time = businessTime.instant().atOffset(ZoneOffset.UTC);
            return jdbc.sql(LOOK)
                    .param("account", account)
                    .param("now", time)
                    .param("delayed", time.minus(deadlines.delayedAfter()))
                    .param("aged", time.minus(deadlines.ageAlarm()))
                    .query((row, n) -> {
                        long inTime = row.getLong("in_time");
                        long late = row.getLong("late");
                        Frozen frozen = new Frozen(row.getLong("frozen"), row.getLong("frozen_aged"));
                        long about = row.getLong("about") - frozen.records();
                        return new View(
                                aboutIfMany(inTime, about - late) + row.getLong("outbox"),
                                aboutIfMany(late, about - inTime),
                                new Overdue(row.getLong("delayed"), row.getLong("aged")),
                                frozen,
                                first(row),
                                row.getString("held_because"));
                    })
                    .single();
        }));
        String why = now.suspendedBecause();
        if (!Objects.equals(why, view().suspendedBecause())) {
            LOG.atLevel(why == null ? Level.INFO : Level.ERROR)
                    .addKeyValue("account", account)
                    .addKeyValue("because", why)
                    .log(
                            why == null
                                    ? "pushing is not suspended any more"
                                    : "nothing is pushed: suspended until ./metering ledger reconcile or account resume lifts it");
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

    /** Business seconds since the hour ended that the first record is collected with; zero if there is none. */
    double oldestAgeSeconds() {
        First first = view().first();
        return first == null
                ? unseenSeconds()
                : Math.max(0, seconds(first.expectedBy().minus(deadlines.hourly()), businessTime.instant()));
    }

    /** Business seconds until the first record is late, below zero if one is; all that an hour has if none waits. */
    double secondsToCollection() {
        First first = view().first();
        return first == null
                ? deadlines.hourly().toSeconds() - unseenSeconds()
                : seconds(businessTime.instant(), first.expectedBy());
    }

    /** Business seconds until the first record counts as delayed, below zero if one does; all that an hour has if none waits. */
    double secondsToDelay() {
        return secondsToCollection() + deadlines.delayedAfter().toSeconds();
    }

    /** Business seconds until the first record is taken no more; all that a record has if none waits. */
    double secondsToAgeLimit() {
        First first = view().first();
        return first == null
                ? deadlines.ageLimit().toSeconds() - unseenSeconds()
                : seconds(businessTime.instant(), first.earliestBegin().plus(deadlines.ageLimit()));
    }

    /** What has come while nobody could look may be as old as the last look, so an empty queue that is seen no more grows older. */
    private double unseenSeconds() {
        return nanoTime.getAsLong() - lookedNanos < SEEN_LATELY.toNanos()
                ? 0
                : seconds(lookedAt, businessTime.instant());
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }

    private @Nullable First first(ResultSet row) throws SQLException {
        First first = row.getObject("first_begin") == null
                ? null
                : new First(
                        instant(row, "first_begin"), instant(row, "first_expected"), instant(row, "earliest_begin"));
        for (BillingCycle cycle : BillingCycle.values()) {
            if (row.getObject("outbox_" + cycle) != null) {
                Instant expectedBy = deadlines.collection(new UsageHour(instant(row, "outbox_" + cycle)), cycle);
                First issued = new First(instant(row, "outbox_begin"), expectedBy, instant(row, "outbox_begin"));
                first = first == null ? issued : first.or(issued);
            }
        }
        return first;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
