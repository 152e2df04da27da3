package io.hourledger.standalone.house;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and a signal to end into an interrupt of the thread that runs the house, and keeps the JVM until that thread has closed it. To
 * be used around everything that must be closed.
 */
public final class OrderlyStop implements AutoCloseable {

    private static final Duration LONGEST_STOP = Duration.ofSeconds(40);

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;

    /** Made by the thread that will close the house. */
    public OrderlyStop() {
        Thread owner = Thread.currentThread();
        hook = new Thread(
                () -> {
                    owner.interrupt();
                    awaitClosed();
                },
                "orderly-stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitClosed() {
        try {
            boolean inTime = closed.await(LONGEST_STOP.toSeconds(), TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("metering: not everything stopped within " + LONGEST_STOP.toSeconds() + " s");
            }
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }

    /** Everything is closed: the JVM may end. */
    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // the hook is what waits for us
        }
    }
}
