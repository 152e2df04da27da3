package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes the hours of the partitions that are ours, beside the poll loop: at once when a cutoff was reached, and at every tick. */
public final class ClosingLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ClosingLoop.class);

    /** Before all hours. */
    public static final long NO_HOUR = Long.MIN_VALUE;

    private final WhenHourIsOverCloseIt closing;
    private final ClosingStore store;
    private final ScheduledExecutorService threads;
    private final Map<Integer, Watch> watched = new ConcurrentHashMap<>();

    public ClosingLoop(WhenHourIsOverCloseIt closing, ClosingStore store, int threads, Duration tick) {
        this.closing = closing;
        this.store = store;
        this.threads = Executors.newScheduledThreadPool(threads, task -> new Thread(task, "hour-closing"));
        @SuppressWarnings("unused") // ends with the pool
        Future<?> ticking = this.threads.scheduleWithFixedDelay(
                () -> watched.values().forEach(this::start), 0, tick.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** One partition that is ours. One thread at a time works for it. */
    private static final class Watch {
        final int partition;
        final AtomicBoolean busy = new AtomicBoolean();
        volatile boolean again;
        volatile long reached = NO_HOUR;
        volatile long sealedThrough = NO_HOUR;
        volatile long closedThrough = NO_HOUR;

        Watch(int partition) {
            this.partition = partition;
        }
    }

    public void given(int partition) {
        watched.put(partition, new Watch(partition));
    }

    public void released(int partition) {
        watched.remove(partition);
    }

    /** The kept position has reached the cutoff of this hour. */
    public void reached(int partition, long hour) {
        Watch watch = watched.get(partition);
        if (watch != null && hour > watch.reached) {
            watch.reached = hour;
            start(watch);
        }
    }

    /** Number of the hour up to which ids of this partition lie in sealed blocks, as last seen. */
    public long sealedThrough(int partition) {
        Watch watch = watched.get(partition);
        return watch == null ? NO_HOUR : watch.sealedThrough;
    }

    /** Number of the last closed hour of this partition, as last seen; {@link #NO_HOUR} if none is known. */
    public long closedThrough(int partition) {
        Watch watch = watched.get(partition);
        return watch == null ? NO_HOUR : watch.closedThrough;
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
                closing.enterWaitedFor(watch.partition);
                closing.closeHoursOf(watch.partition);
                watch.closedThrough = store.closedThrough(watch.partition).orElse(NO_HOUR);
                closing.sealHoursOf(watch.partition);
                watch.sealedThrough = store.sealedThrough(watch.partition).orElse(NO_HOUR);
            } catch (StoreUnavailableException | LedgerUnavailableException unavailable) {
                log.atWarn()
                        .addKeyValue("partition", watch.partition)
                        .setCause(unavailable)
                        .log("hours cannot be closed now, the next tick tries again");
            } catch (RuntimeException bug) {
                log.atError()
                        .addKeyValue("partition", watch.partition)
                        .setCause(bug)
                        .log("hours cannot be closed");
            } finally {
                watch.busy.set(false);
            }
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
