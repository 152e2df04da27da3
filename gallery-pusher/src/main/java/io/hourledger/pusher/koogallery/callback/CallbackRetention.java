package io.hourledger.pusher.koogallery.callback;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forgets old calls once an hour. What they led to stands in the ledger. */
final class CallbackRetention implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CallbackRetention.class);
    private static final Duration EVERY = Duration.ofHours(1);

    private final CallbackLog log;
    private final Duration retention;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "callback-retention");
        thread.setDaemon(true);
        return thread;
    });

    CallbackRetention(CallbackLog log, Duration retention) {
        this.log = log;
        this.retention = retention;
    }

    void start() {
        var unused = timer.scheduleWithFixedDelay(this::forget, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    void forget() {
        try {
            log.forgetOlderThan(retention);
        } catch (RuntimeException broken) {
            LOG.atError().setCause(broken).log("old calls could not be forgotten; it is tried again in an hour");
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
