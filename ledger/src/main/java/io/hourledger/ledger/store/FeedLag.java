package io.hourledger.ledger.store;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How far behind the ledger its readers are: whatever can be seen and was not handed over counts, also what is held back by a transaction that is
 * still open. Looked up now and then by a thread of its own, so that a reader that hangs shows too.
 */
final class FeedLag implements AutoCloseable {

    static final String EVENTS = "ledger.feed.lag.events";
    static final String SECONDS = "ledger.feed.lag.seconds";
    static final String DEAD_LETTERS = "ledger.feed.dead.letters";
    static final String DEAD_LETTERS_AGE = "ledger.feed.dead.letters.age";

    private static final long LOOK_EVERY_SECONDS = 5;
    private static final Logger log = LoggerFactory.getLogger(FeedLag.class);

    /**
     * The next event and the last one tell. Positions are drawn before a transaction commits, so the last event of the feed need not have the
     * highest; and those of transactions that were rolled back are missing.
     */
    private static final String LAG =
            """
            select case when next.recorded_at is null then 0 else greatest(1, last.position - reader.position) end,
                   coalesce(extract(epoch from clock_timestamp() - next.recorded_at), 0)::float8,
                   dead.instances,
                   coalesce(extract(epoch from clock_timestamp() - dead.oldest), 0)::float8
            from ledger.reader
            cross join lateral (
                select count(*) as instances, min(first_tried_at) as oldest
                from ledger.dead_letter
                where dead_letter.reader = reader.name
            ) as dead
            left join lateral (
                select recorded_at
                from ledger.event
                where (transaction_id, position) > (reader.transaction_id, reader.position)
                order by event.transaction_id, event.position
                limit 1
            ) as next on true
            left join lateral (
                select position
                from ledger.event
                order by event.transaction_id desc, event.position desc
                limit 1
            ) as last on true
            where reader.name = ?
            """;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final MeterRegistry registry;
    private final Map<String, Lag> readers = new ConcurrentHashMap<>();
    private @Nullable ScheduledExecutorService timer;

    FeedLag(JdbcTemplate jdbc, TransactionTemplate transaction, MeterRegistry registry) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.registry = registry;
    }

    private record Lag(long events, double seconds, double deadLetters, double deadLettersAge) {
        static final Lag UNKNOWN = new Lag(-1, Double.NaN, Double.NaN, Double.NaN);
    }

    /** From now on it is known how far this reader is behind. */
    synchronized void watch(String reader) {
        if (readers.putIfAbsent(reader, Lag.UNKNOWN) != null) {
            return;
        }
        Gauge.builder(EVENTS, () -> events(reader))
                .description(
                        "events that this reader has not taken yet, by their positions: about, and 0 if there is none")
                .tag("reader", reader)
                .register(registry);
        Gauge.builder(SECONDS, () -> lag(reader).seconds())
                .description("how long the oldest of them has been in the ledger, by its database's clock")
                .baseUnit("seconds")
                .tag("reader", reader)
                .register(registry);
        Gauge.builder(DEAD_LETTERS, () -> lag(reader).deadLetters())
                .description("instances whose events wait for this reader, since it cannot take one of them")
                .tag("reader", reader)
                .register(registry);
        Gauge.builder(DEAD_LETTERS_AGE, () -> lag(reader).deadLettersAge())
                .description("how long the first of them has waited, by its database's clock; 0 if there is none")
                .baseUnit("seconds")
                .tag("reader", reader)
                .register(registry);
        if (timer == null) {
            timer = Executors.newSingleThreadScheduledExecutor(work -> {
                Thread thread = new Thread(work, "ledger-feed-lag");
                thread.setDaemon(true);
                return thread;
            });
            var unused = timer.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY_SECONDS, TimeUnit.SECONDS);
        }
    }

    long eventsBehind(String reader) {
        return lookUp(reader).events();
    }

    /** As it was looked up last; without readers for which none waits. */
    Map<String, Long> deadLetters() {
        Map<String, Long> waiting = new TreeMap<>();
        readers.forEach((reader, lag) -> {
            if (lag.deadLetters() > 0) {
                waiting.put(reader, (long) lag.deadLetters());
            }
        });
        return waiting;
    }

    private double events(String reader) {
        Lag lag = lag(reader);
        return lag.events() < 0 ? Double.NaN : lag.events();
    }

    private Lag lag(String reader) {
        return readers.getOrDefault(reader, Lag.UNKNOWN);
    }

    private void look() {
        readers.replaceAll((reader, before) -> lookUp(reader));
    }

    /** What cannot be looked up is not known, and is shown as such. */
    private Lag lookUp(String reader) {
        try {
            return Objects.requireNonNull(transaction.execute(status -> {
                jdbc.execute(IndexScansOnly.SET);
                return jdbc
                        .query(
                                LAG,
                                (row, number) ->
                                        new Lag(row.getLong(1), row.getDouble(2), row.getDouble(3), row.getDouble(4)),
                                reader)
                        .stream()
                        .findFirst()
                        .orElse(Lag.UNKNOWN);
            }));
        } catch (RuntimeException | Error failed) { // an Error would cancel all turns to come without a word
            log.atDebug()
                    .addKeyValue("reader", reader)
                    .setCause(failed)
                    .log("it is not known how far a reader is behind");
            return Lag.UNKNOWN;
        }
    }

    @Override
    public synchronized void close() {
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
