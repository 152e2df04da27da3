package io.hourledger.ledger.seal;

import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Chains all events in the order of the feed and hands the head to a {@link SealSink} at a fixed pace. One process of the stack starts it;
 * should two, one at a time chains and both seal the same heads.
 */
public final class LedgerSealer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LedgerSealer.class);
    private static final String READER = "seals";
    private static final String AGE = "ledger.seal.age";
    private static final String NOT_SEALED = "ledger.seal.events.not.sealed";
    private static final Duration COUNT_EVERY = Duration.ofSeconds(10);

    private static final String EVENTS =
            """
            select instance_id, sequence_number, digest
            from ledger.event
            where (transaction_id, position) >= (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?)
            order by transaction_id, position
            """;

    private final JdbcTemplate jdbc;
    private final PostgresLedgerFeed feed;
    private final EventDigests digests;
    private final SealSink sink;
    private final Clock clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "ledger-sealer");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Subscription subscription;
    private @Nullable ScheduledFuture<?> sealing;
    private @Nullable ScheduledFuture<?> counting;
    private volatile long sealedCount = -1;
    private volatile long sealedAtNanos = System.nanoTime();
    private volatile long notSealed = -1;

    public LedgerSealer(JdbcTemplate jdbc, PostgresLedgerFeed feed, EventDigests digests, SealSink sink, Clock clock) {
        this.jdbc = jdbc;
        this.feed = feed;
        this.digests = digests;
        this.sink = sink;
        this.clock = clock;
    }

    /**
     * @param rate elapsed time between two seals
     */
    public synchronized void start(Duration rate) {
        if (subscription == null) {
            subscription = feed.subscribeToRanges(READER, this::chain);
            sealing = timer.scheduleWithFixedDelay(
                    this::sealOrLog, rate.toMillis(), rate.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    public synchronized boolean caughtUp() {
        return subscription != null && subscription.caughtUp();
    }

    /** Seals what has been chained so far, unless that has been sealed. */
    public synchronized void seal() {
        Seal seal = jdbc.queryForObject(
                "select event_count, head from ledger.seal_chain",
                (row, number) -> new Seal(row.getLong(1), HexFormat.of().formatHex(row.getBytes(2)), clock.instant()));
        if (seal != null && seal.eventCount() != sealedCount) {
            sink.keep(seal);
            sealedCount = seal.eventCount();
        }
        sealedAtNanos = System.nanoTime();
    }

    /** Says how old the last look is after which all that was chained was sealed, and how many events are behind the last seal. */
    public synchronized void measure(MeterRegistry registry) {
        Gauge.builder(AGE, () -> (System.nanoTime() - sealedAtNanos) / 1e9)
                .description("since all that was chained was last found sealed, by this process")
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder(NOT_SEALED, () -> notSealed < 0 ? Double.NaN : notSealed)
                .description("events that the last seal of this process does not cover: about, and 0 if there is none")
                .register(registry);
        counting = timer.scheduleWithFixedDelay(this::countNotSealed, 0, COUNT_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void countNotSealed() {
        try {
            long behindTheChain = feed.eventsBehind(READER);
            Long chained = jdbc.queryForObject("select event_count from ledger.seal_chain", Long.class);
            notSealed = behindTheChain < 0 || chained == null || sealedCount < 0
                    ? -1
                    : behindTheChain + chained - sealedCount;
        } catch (RuntimeException | Error failed) {
            notSealed = -1;
            log.atDebug().setCause(failed).log("it is not known how many events are not sealed");
        }
    }

    private void sealOrLog() {
        try {
            seal();
        } catch (RuntimeException | Error failed) { // an Error would cancel all turns to come without a word
            log.atError().setCause(failed).log("the ledger was not sealed; it is tried again");
        }
    }

    private void chain(Range range) {
        Head head = new Head(
                jdbc.queryForObject("select head from ledger.seal_chain for update", (row, number) -> row.getBytes(1)));
        jdbc.query(
                EVENTS,
                row -> {
                    head.add(digests.chain(head.bytes, row.getString(1), row.getLong(2), row.getBytes(3)));
                },
                range.first().transactionId(),
                range.first().position(),
                range.last().transactionId(),
                range.last().position());
        jdbc.update(
                "update ledger.seal_chain set event_count = event_count + ?, transaction_id = ?::xid8, position = ?, head = ?",
                head.added,
                range.last().transactionId(),
                range.last().position(),
                head.bytes);
    }

    private static final class Head {
        private byte[] bytes;
        private long added;

        Head(byte @Nullable [] start) {
            bytes = start == null ? new byte[0] : start;
        }

        void add(byte[] next) {
            bytes = next;
            added++;
        }
    }

    @Override
    public synchronized void close() {
        if (sealing != null) {
            sealing.cancel(true);
        }
        if (counting != null) {
            counting.cancel(true);
        }
        timer.shutdownNow();
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
    }
}
