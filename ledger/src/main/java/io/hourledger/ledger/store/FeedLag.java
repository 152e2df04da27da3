package io.hourledger.ledger.store;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How far behind the ledger its readers are: whatever can be seen and was not handed over counts, also what is held back by a transaction that is
 * still open. Looked up now and then by a thread of its own, so that a reader that hangs shows too.
 */
final class FeedLag implements AutoCloseable {

    static final String EVENTS = "ledger.feed.lag.events";
    static final String SECONDS = "ledger.feed.lag.seconds";

    /** More are not counted: a reader so far behind is behind. */
    private static final int MOST_COUNTED = 50_000;

    private static final long LOOK_EVERY_SECONDS = 5;
    private static final Logger log = LoggerFactory.getLogger(FeedLag.class);

    private static final String LAG =
            """
            select count(*), coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0)::float8
            from (
                select recorded_at
                from ledger.event
                where (transaction_id, position) >
                      (select transaction_id, position from ledger.reader where name = ?)
                order by transaction_id, position
                limit ?
            ) behind
            """;

    private final JdbcTemplate jdbc;
    private final MeterRegistry registry;
    private final Map<String, Lag> readers = new ConcurrentHashMap<>();
    private @Nullable ScheduledExecutorService timer;

    FeedLag(JdbcTemplate jdbc, MeterRegistry registry) {
        this.jdbc = jdbc;
        this.registry = registry;
    }

    private record Lag(long events, double seconds) {
        static final Lag UNKNOWN = new Lag(-1, Double.NaN);
    }

    /** From now on it is known how far this reader is behind. */
    synchronized void watch(String reader) {
        if (readers.putIfAbsent(reader, Lag.UNKNOWN) != null) {
            return;
        }
        Gauge.builder(EVENTS, () -> events(reader))
                .description("events that this reader has not taken yet; at most " + MOST_COUNTED + " are counted")
                .tag("reader", reader)
                .register(registry);
        Gauge.builder(SECONDS, () -> lag(reader).seconds())
                .description("how long the oldest of them has been in the ledger, by its database's clock")
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
            Lag lag = jdbc.queryForObject(
                    LAG, (row, number) -> new Lag(row.getLong(1), row.getDouble(2)), reader, MOST_COUNTED);
            return lag == null ? Lag.UNKNOWN : lag;
        } catch (RuntimeException failed) {
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
