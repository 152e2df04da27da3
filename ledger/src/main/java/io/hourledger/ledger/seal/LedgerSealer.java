package io.hourledger.ledger.seal;

import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
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
            select %s
            from ledger.event
            where (transaction_id, position) >= (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?)
            order by transaction_id, position
            """
                    .formatted(EventLeaf.COLUMNS);

    private final JdbcTemplate jdbc;
    private final PostgresLedgerFeed feed;
    private final EventDigests digests;
    private final SealSink sink;
    private final Clock clock;
    private final @Nullable SealSigner signer;
    private final SealMarks marks;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "ledger-sealer");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Subscription subscription;
    private @Nullable ScheduledFuture<?> sealing;
    private @Nullable ScheduledFuture<?> counting;
    private volatile long sealedCount = -1;
    private long markedCount = -1;
    private volatile long sealedAtNanos = System.nanoTime();
    private volatile long notSealed = -1;

    /** Seals without a signature: only who has the digest key can check them. */
    public LedgerSealer(JdbcTemplate jdbc, PostgresLedgerFeed feed, EventDigests digests, SealSink sink, Clock clock) {
        this(jdbc, feed, digests, sink, clock, null);
    }

    /**
     * @param signer null if there is no signing key
     */
    public LedgerSealer(
            JdbcTemplate jdbc,
            PostgresLedgerFeed feed,
            EventDigests digests,
            SealSink sink,
            Clock clock,
            @Nullable SealSigner signer) {
        this.signer = signer;
        this.jdbc = jdbc;
        this.marks = new SealMarks(jdbc);
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
            subscription = feed.subscribeToEveryEvent(READER, this::chain);
            sealing = timer.scheduleWithFixedDelay(
                    this::sealOrLog, rate.toMillis(), rate.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    public synchronized boolean caughtUp() {
        return subscription != null && subscription.caughtUp();
    }

    /** Seals what has been chained so far, unless that has been sealed. */
    public synchronized void seal() {
        // the row, then the clock: no event of it may be from behind the time of its seal
        SealMark now = marks.ofChain(clock);
        if (now.eventCount() != sealedCount) {
            Seal seal = now.seal();
            sink.keep(signer == null ? seal : seal.signedBy(signer));
            sealedCount = now.eventCount();
        }
        sealedAtNanos = System.nanoTime();
        if (now.eventCount() != markedCount) {
            mark(now);
        }
    }

    /** The ledger is sealed all the same; it is tried again at the next turn. */
    private void mark(SealMark now) {
        try {
            marks.keepFirstOfDay(now);
            markedCount = now.eventCount();
        } catch (RuntimeException failed) {
            log.atError()
                    .setCause(failed)
                    .log("the ledger was sealed, but the place where a month's check may begin"
                            + " was not stored; it is tried again");
        }
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
        Chain chained = Objects.requireNonNull(jdbc.queryForObject(
                "select event_count, head, tree_edge from ledger.seal_chain for update",
                (row, number) -> new Chain(row.getBytes(2), MerkleTree.of(row.getLong(1), row.getBytes(3)))));
        jdbc.query(
                EVENTS,
                row -> {
                    chained.add(EventLeaf.of(row));
                },
                range.first().transactionId(),
                range.first().position(),
                range.last().transactionId(),
                range.last().position());
        jdbc.update(
                """
                update ledger.seal_chain
                set event_count = ?, transaction_id = ?::xid8, position = ?, head = ?, tree_edge = ?
                """,
                chained.tree.size(),
                range.last().transactionId(),
                range.last().position(),
                chained.head,
                chained.tree.edge());
    }

    private final class Chain {
        private final MerkleTree tree;
        private byte[] head;

        Chain(byte[] head, MerkleTree tree) {
            this.head = head;
            this.tree = tree;
        }

        void add(EventLeaf event) {
            head = digests.chain(head, event.instanceId(), event.sequenceNumber(), event.digest());
            tree.add(event.bytes());
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
