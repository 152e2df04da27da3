package io.hourledger.aggregator.closing;

import static io.hourledger.ledger.api.DatabaseFailure.DATA_OR_BUG;

import io.hourledger.aggregator.closing.CloseHourWhenOver.Round;
import io.hourledger.aggregator.closing.ClosingStore.Blocked;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.ledger.api.DatabaseFailure;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Closes the hours of the partitions that are ours, beside the poll loop: at once when a cutoff was reached, and at every tick. A step that
 * fails keeps no other step from being done; it is logged, counted and done again at the next tick.
 */
public final class ClosingLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ClosingLoop.class);

    /** Before all hours. */
    public static final long NO_HOUR = Long.MIN_VALUE;

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final int TICKS_BETWEEN_ROUNDS = 10;

    private static final String TICK = "tick";

    /** What is done for a partition at each tick, in this order. */
    private enum Step {
        CLOSE,
        ENTER_BLOCKED,
        ENTER_OPENED,
        ENTER_UNMATCHED,
        LOOK_AT_CLOSED,
        LOOK_AT_BLOCKED,
        SEAL,
        LOOK_AT_SEALED;

        String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final CloseHourWhenOver closing;
    private final ClosingStore store;
    private final Consumer<String> failures;
    private final ScheduledExecutorService threads;
    private final long tickNanos;
    private final Map<Integer, Watch> watched = new ConcurrentHashMap<>();

    /**
     * @param failures told the name of each step that failed
     */
    public ClosingLoop(
            CloseHourWhenOver closing, ClosingStore store, Consumer<String> failures, int threads, Duration tick) {
        this.closing = closing;
        this.store = store;
        this.failures = failures;
        this.tickNanos = tick.toNanos();
        this.threads = Executors.newScheduledThreadPool(threads, task -> new Thread(task, "hour-closing"));
        @SuppressWarnings("unused") // ends with the pool
        Future<?> ticking =
                this.threads.scheduleWithFixedDelay(this::startAll, 0, tick.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The names that failures are told by. */
    public static List<String> tasks() {
        return Stream.concat(Stream.of(TICK), Stream.of(Step.values()).map(Step::code))
                .toList();
    }

    /** One partition that is ours. One thread at a time works for it. */
    private static final class Watch {
        final PartitionOwnership ownership;
        final int partition;
        final AtomicBoolean busy = new AtomicBoolean();
        volatile boolean again;
        volatile long reached = NO_HOUR;
        volatile long sealedThrough = NO_HOUR;
        volatile long closedThrough = NO_HOUR;
        volatile @Nullable Blocked blocked;

        // touched by the one thread that is busy only
        private long triedBlockedAtNanos;
        private long pauseNanos;
        private String unmatchedAfter = "";
        private int ticksUntilNextRound;

        Watch(PartitionOwnership ownership) {
            this.ownership = ownership;
            this.partition = ownership.partition();
        }
    }

    public void given(PartitionOwnership ownership) {
        watched.merge(
                ownership.partition(),
                new Watch(ownership),
                (before, given) -> given.ownership.isNewerThan(before.ownership) ? given : before);
    }

    /** Ends the watch of this ownership, and of no newer one. */
    public void released(PartitionOwnership ownership) {
        watched.computeIfPresent(
                ownership.partition(), (partition, watch) -> watch.ownership.equals(ownership) ? null : watch);
    }

    private Optional<Watch> watchOf(PartitionOwnership ownership) {
        return Optional.ofNullable(watched.get(ownership.partition()))
                .filter(watch -> watch.ownership.equals(ownership));
    }

    /** The kept position has reached the cutoff of this hour. */
    public void reached(PartitionOwnership ownership, long hour) {
        watchOf(ownership).filter(watch -> hour > watch.reached).ifPresent(watch -> {
            watch.reached = hour;
            start(watch);
        });
    }

    /** Number of the hour up to which ids of this partition lie in sealed blocks, as last seen; {@link #NO_HOUR} for whoever owns it no more. */
    public long sealedThrough(PartitionOwnership ownership) {
        return watchOf(ownership).map(watch -> watch.sealedThrough).orElse(NO_HOUR);
    }

    /** Number of the last closed hour of this partition, as last seen; {@link #NO_HOUR} if none is known. */
    public long closedThrough(int partition) {
        Watch watch = watched.get(partition);
        return watch == null ? NO_HOUR : watch.closedThrough;
    }

    /** The instances of this partition that cannot go on, as last seen; empty if that is not known. */
    public Optional<Blocked> blocked(int partition) {
        return Optional.ofNullable(watched.get(partition)).map(watch -> watch.blocked);
    }

    /** An Error here would cancel all ticks to come. */
    private void startAll() {
        try {
            watched.values().forEach(this::start);
        } catch (Throwable failed) {
            failures.accept(TICK);
            log.atError().setCause(failed).log("a tick of closing failed, the next one tries again");
        }
    }

    private void start(Watch watch) {
        watch.again = true;
        try {
            threads.execute(() -> work(watch));
        } catch (RejectedExecutionException closing) {
            // the loop is ending; another owner closes what is left
        }
    }

    private void work(Watch watch) {
        while (watch.again && watch.busy.compareAndSet(false, true)) {
            watch.again = false;
            try {
                step(watch, Step.CLOSE, () -> closing.closeHoursOf(watch.partition));
                step(watch, Step.LOOK_AT_BLOCKED, () -> watch.blocked = store.blocked(watch.partition));
                step(watch, Step.ENTER_BLOCKED, () -> enterBlocked(watch));
                step(watch, Step.ENTER_OPENED, () -> closing.enterOpened(watch.partition));
                step(watch, Step.ENTER_UNMATCHED, () -> enterUnmatched(watch));
                step(
                        watch,
                        Step.LOOK_AT_CLOSED,
                        () -> watch.closedThrough =
                                store.closedThrough(watch.partition).orElse(NO_HOUR));
                step(watch, Step.LOOK_AT_BLOCKED, () -> watch.blocked = store.blocked(watch.partition));
                step(watch, Step.SEAL, () -> closing.sealHoursOf(watch.partition));
                step(
                        watch,
                        Step.LOOK_AT_SEALED,
                        () -> watch.sealedThrough =
                                store.sealedThrough(watch.partition).orElse(NO_HOUR));
            } finally {
                watch.busy.set(false);
            }
        }
    }

    /**
     * An owner tries them at once, and then after ever longer pauses, each twice as long as the one before: so what it costs does not grow with
     * how long they have been blocked.
     */
    private void enterBlocked(Watch watch) {
        Blocked seen = watch.blocked;
        if (seen != null && seen.instances() == 0) {
            watch.pauseNanos = 0;
            return;
        }
        if (watch.pauseNanos > 0 && System.nanoTime() - watch.triedBlockedAtNanos < watch.pauseNanos) {
            return;
        }
        try {
            closing.enterBlocked(watch.partition);
        } finally {
            watch.triedBlockedAtNanos = System.nanoTime();
            watch.pauseNanos = Math.min(LONGEST_PAUSE.toNanos(), Math.max(tickNanos, 2 * watch.pauseNanos));
        }
    }

    /**
     * The ledger's feed tells of the instances that are opened. This finds the few that were opened while their usage was being put aside: one
     * batch of subjects a tick, and a pause after the last.
     */
    private void enterUnmatched(Watch watch) {
        if (watch.ticksUntilNextRound > 0) {
            watch.ticksUntilNextRound--;
            return;
        }
        switch (closing.enterUnmatched(watch.partition, watch.unmatchedAfter)) {
            case Round.GoesOn(String afterSubject) -> watch.unmatchedAfter = afterSubject;
            case Round.Over() -> {
                watch.unmatchedAfter = "";
                watch.ticksUntilNextRound = TICKS_BETWEEN_ROUNDS;
            }
        }
    }

    private void step(Watch watch, Step what, Runnable step) {
        if (Thread.currentThread().isInterrupted()) {
            return; // the loop is ending
        }
        try {
            step.run();
        } catch (Throwable failed) { // an Error, too, must not end the loop without a word
            failures.accept(what.code());
            boolean passing = failed instanceof StoreUnavailableException || DatabaseFailure.of(failed) != DATA_OR_BUG;
            log.atLevel(passing ? Level.WARN : Level.ERROR)
                    .addKeyValue("partition", watch.partition)
                    .addKeyValue("step", what.code())
                    .setCause(failed)
                    .log("a step of closing failed, the next tick tries again");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                log.atWarn().log("closing hours has not ended yet");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
