package io.hourledger.aggregator.run;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** Does one thing again and again, in a thread of its own. What failed is tried again with the next tick. */
final class Ticking implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Ticking.class);

    private final String name;
    private final Runnable work;
    private final ScheduledExecutorService thread;

    /**
     * @param tick elapsed time between two turns
     */
    Ticking(String name, Duration tick, Runnable work) {
        this.name = name;
        this.work = work;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, name));
        @SuppressWarnings("unused") // ends with the thread
        Future<?> ticking =
                thread.scheduleWithFixedDelay(this::turn, tick.toMillis(), tick.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void turn() {
        try {
            work.run();
        } catch (StoreUnavailableException | LedgerUnavailableException | DataAccessException unavailable) {
            log.atWarn()
                    .addKeyValue("loop", name)
                    .setCause(unavailable)
                    .log("cannot be done now, the next tick tries again");
        } catch (RuntimeException bug) {
            log.atError().addKeyValue("loop", name).setCause(bug).log("cannot be done");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                log.atWarn().addKeyValue("loop", name).log("has not ended yet");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
