package io.hourledger.aggregator.threshold;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.api.StoredEvent;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What the closed hours of a day or a month come to for each instance, as the ledger's feed tells: a look at a threshold costs the same at the end
 * of a month as at its beginning.
 */
final class PeriodUsage {

    private static final Set<Class<? extends InstanceEvent>> EVENTS = Set.of(HourMetered.class);

    /** And the name of the sums. */
    private static final String READER = "thresholds ";

    /** Late usage comes for 20 days at most. What ended before is asked for by nobody. */
    private static final Duration STORED_FOR = Duration.ofDays(62);

    /** What the ledger was told longer ago is nobody's news, such as when it is read from its beginning. */
    private static final Duration COMPARED_IF_TOLD_WITHIN = Duration.ofDays(1);

    /** Revisions after the first add what they change. The last hour is that of the first revisions, which come in order. */
    private static final String ADD =
            """
            insert into aggregator.period_usage as stored (instance, sums, period_from, amount, last_hour, unseen)
            select * from unnest(?::text[], ?::text[], ?::timestamptz[], ?::numeric[], ?::timestamptz[], ?::boolean[])
                on conflict (instance, sums, period_from) do update
               set amount = stored.amount + excluded.amount, last_hour = greatest(stored.last_hour, excluded.last_hour),
                   unseen = stored.unseen or excluded.unseen""";

    private static final String UNSEEN =
            """
            select instance, sums, period_from, amount, last_hour
              from aggregator.period_usage where unseen and sums = any (?::text[]) order by instance limit ?""";

    /** One that has changed meanwhile is compared again. */
    private static final String SEEN =
            """
            update aggregator.period_usage stored set unseen = false
              from unnest(?::text[], ?::text[], ?::timestamptz[], ?::numeric[]) as seen (instance, sums, period_from, amount)
             where stored.instance = seen.instance and stored.sums = seen.sums and stored.period_from = seen.period_from
               and stored.amount = seen.amount""";

    private static final int MOST_DROPPED = 5000;

    private static final String DROP =
            """
            delete from aggregator.period_usage
             where ctid = any (array(
                   select ctid from aggregator.period_usage
                    where period_from < ?::timestamptz
                    order by period_from
                    limit ?))""";

    private static final String FIND =
            """
            select stored.instance, stored.sums, stored.period_from, stored.amount, stored.last_hour
              from unnest(?::text[], ?::text[], ?::timestamptz[]) as wanted (instance, sums, period_from)
              join aggregator.period_usage stored
                on stored.instance = wanted.instance and stored.sums = wanted.sums and stored.period_from = wanted.period_from""";

    private final JdbcTemplate jdbc;
    private final Map<String, Threshold> bySums;
    private final Clock businessTime;
    private volatile @Nullable Instant droppedBefore;

    PeriodUsage(DataSource database, ThresholdList thresholds, Clock businessTime) {
        this.jdbc = new JdbcTemplate(database);
        this.bySums = thresholds.bySums();
        this.businessTime = businessTime;
    }

    /**
     * A sum of an instance.
     *
     * @param sums which kind of sum
     * @param from when its period began
     */
    record Key(String instance, String sums, Instant from) {}

    /**
     * What the closed hours of a period come to.
     *
     * @param lastHour the last of them; what came later is in no sum
     */
    record Closed(BigDecimal amount, Instant lastHour) {

        static final Closed NOTHING = new Closed(BigDecimal.ZERO, Instant.MIN);
    }

    /** A sum that has changed behind the open hours, so that no new usage makes anybody look. */
    record Unseen(Key key, Closed closed) {}

    /**
     * What a batch of events adds to a sum.
     *
     * @param unseen whether nobody looks at it for new usage of an open hour
     */
    private record Added(BigDecimal amount, Instant lastHour, boolean unseen) {

        private Added and(Added more) {
            return new Added(
                    amount.add(more.amount),
                    lastHour.isAfter(more.lastHour) ? lastHour : more.lastHour,
                    unseen || more.unseen);
        }
    }

    /** Subscribes a reader for each kind of sum: one that is new in the settings begins with the ledger's first event. */
    List<Subscription> follow(LedgerFeed feed) {
        List<Subscription> subscriptions = new ArrayList<>();
        bySums.forEach((name, threshold) ->
                subscriptions.add(feed.subscribe(READER + name, EVENTS, batch -> read(name, threshold, batch))));
        return subscriptions;
    }

    private void read(String name, Threshold threshold, List<StoredEvent> batch) {
        Instant oldest = businessTime.instant().minus(STORED_FOR);
        SortedMap<Key, Added> sums =
                new TreeMap<>(Comparator.comparing(Key::instance).thenComparing(Key::from));
        for (StoredEvent stored : batch) {
            if (stored.event() instanceof HourMetered metered) {
                Instant from = threshold.span(new UsageHour(metered.hour())).from();
                if (from.isAfter(oldest)) {
                    sums.merge(
                            new Key(metered.instanceId(), name, from),
                            new Added(metered.amount(), metered.hour(), isUnseen(metered)),
                            Added::and);
                }
            }
        }
        if (!sums.isEmpty()) {
            add(sums);
        }
        dropBefore(oldest);
    }

    /** Late usage of an hour, or an hour that was blocked: its buckets were too old to be looked at, or are no more. */
    private boolean isUnseen(HourMetered metered) {
        boolean isLate = metered.revision() > 0
                || metered.closedAt()
                        .isAfter(new UsageHour(metered.hour())
                                .end()
                                .plus(NoticeThresholdWhenReached.LOOKED_AT_AFTER_CLOSE));
        return isLate && metered.closedAt().plus(COMPARED_IF_TOLD_WITHIN).isAfter(businessTime.instant());
    }

    private void add(SortedMap<Key, Added> sums) {
        jdbc.update(connection -> {
            PreparedStatement statement = connection.prepareStatement(ADD);
            keys(connection, statement, sums.keySet());
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "numeric", sums.values().stream().map(Added::amount).toArray()));
            statement.setArray(5, texts(connection, "timestamptz", sums.values(), added -> utc(added.lastHour)));
            statement.setArray(
                    6,
                    connection.createArrayOf(
                            "boolean", sums.values().stream().map(Added::unseen).toArray()));
            return statement;
        });
    }

    /** Sums that late usage has changed since they were compared; some of them. */
    List<Unseen> unseen(int most) {
        return jdbc.query(
                connection -> {
                    PreparedStatement statement = connection.prepareStatement(UNSEEN);
                    statement.setArray(
                            1, connection.createArrayOf("text", bySums.keySet().toArray()));
                    statement.setInt(2, most);
                    return statement;
                },
                (row, number) -> new Unseen(
                        new Key(
                                row.getString(1),
                                row.getString(2),
                                row.getObject(3, OffsetDateTime.class).toInstant()),
                        new Closed(
                                row.getBigDecimal(4),
                                row.getObject(5, OffsetDateTime.class).toInstant())));
    }

    /** These were compared as they stood. */
    void seen(List<Unseen> compared) {
        jdbc.update(connection -> {
            PreparedStatement statement = connection.prepareStatement(SEEN);
            keys(connection, statement, compared.stream().map(Unseen::key).toList());
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "numeric",
                            compared.stream().map(one -> one.closed.amount).toArray()));
            return statement;
        });
    }

    /** Now and then, and a bounded number beside each batch, so that no batch takes long. */
    private void dropBefore(Instant oldest) {
        Instant dropped = droppedBefore;
        if (dropped == null || dropped.plus(Duration.ofDays(1)).isBefore(oldest)) {
            if (jdbc.update(DROP, utc(oldest), MOST_DROPPED) < MOST_DROPPED) {
                droppedBefore = oldest;
            }
        }
    }

    /** What the closed hours of each of these come to; a sum that is not here is of nothing. */
    Map<Key, Closed> of(List<Key> wanted) {
        Map<Key, Closed> found = new HashMap<>();
        if (wanted.isEmpty()) {
            return found;
        }
        jdbc.query(
                connection -> {
                    PreparedStatement statement = connection.prepareStatement(FIND);
                    keys(connection, statement, wanted);
                    return statement;
                },
                row -> {
                    found.put(
                            new Key(
                                    row.getString(1),
                                    row.getString(2),
                                    row.getObject(3, OffsetDateTime.class).toInstant()),
                            new Closed(
                                    row.getBigDecimal(4),
                                    row.getObject(5, OffsetDateTime.class).toInstant()));
                });
        return found;
    }

    private static void keys(Connection connection, PreparedStatement statement, Collection<Key> keys)
            throws SQLException {
        statement.setArray(1, texts(connection, "text", keys, Key::instance));
        statement.setArray(2, texts(connection, "text", keys, Key::sums));
        statement.setArray(3, texts(connection, "timestamptz", keys, key -> utc(key.from)));
    }

    private static <T> java.sql.Array texts(
            Connection connection, String type, Collection<T> all, Function<T, String> text) throws SQLException {
        return connection.createArrayOf(type, all.stream().map(text).toArray());
    }

    private static String utc(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC).toString();
    }
}
