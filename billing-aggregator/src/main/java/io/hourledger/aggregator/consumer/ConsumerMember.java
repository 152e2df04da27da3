package io.hourledger.aggregator.consumer;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one member of the group reading. Whatever ends its consumer, a new one joins in its place and is counted, until it is told to stop.
 */
final class ConsumerMember implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(ConsumerMember.class);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** More ends in a row than a passing lack of memory explains. */
    private static final int MANY_ENDS = 3;

    private static final Duration IN_A_ROW = Duration.ofMinutes(5);

    private final Supplier<UsageConsumer> consumers;
    private final PartitionListener listener;
    private final Thread thread;
    private volatile UsageConsumer reading;
    private volatile boolean running = true;
    private volatile int endsInARow;
    private volatile long endedAtNanos;

    /**
     * @param consumers makes one that has not run yet; the first is made at once, so that wrong settings stop the start
     */
    ConsumerMember(String threadName, Supplier<UsageConsumer> consumers, PartitionListener listener) {
        this.consumers = consumers;
        this.listener = listener;
        this.reading = consumers.get();
        this.thread = new Thread(this, threadName);
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        read(() -> reading);
        while (running) {
            LockSupport.parkNanos(PAUSE.toNanos());
            read(this::another);
        }
    }

    private void read(Supplier<UsageConsumer> which) {
        try {
            which.get().run();
        } catch (Throwable failed) { // an Error, too, must not end the member without a word
            log.atError().setCause(failed).log("a consumer could not be made or ended, another one is tried");
        }
    }

    // one thread writes
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private UsageConsumer another() {
        long now = System.nanoTime();
        endsInARow = now - endedAtNanos > IN_A_ROW.toNanos() ? 1 : endsInARow + 1;
        endedAtNanos = now;
        listener.memberRestarted();
        UsageConsumer next = consumers.get();
        reading = next;
        if (!running) {
            next.stop();
        }
        return next;
    }

    /** Whether it is alive, has polled within this time, and did not end again and again within it. */
    boolean hasPolledWithin(Duration within) {
        boolean endsAgainAndAgain = endsInARow >= MANY_ENDS && System.nanoTime() - endedAtNanos <= within.toNanos();
        return thread.isAlive() && !endsAgainAndAgain && reading.sinceLastPoll().compareTo(within) <= 0;
    }

    void stop() {
        running = false;
        reading.stop();
    }

    /** Waits until its thread has ended. */
    void join(Duration patience) {
        try {
            thread.join(patience.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            log.atWarn().addKeyValue("thread", thread.getName()).log("a consumer thread does not end");
        }
    }
}
