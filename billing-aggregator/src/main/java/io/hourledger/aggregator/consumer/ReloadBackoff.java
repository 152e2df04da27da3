package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Counts failures without progress, and says how long to wait before state is loaded again. */
final class ReloadBackoff {

    private static final Logger log = LoggerFactory.getLogger(ReloadBackoff.class);

    /** So often in a row a failure may be one that passes. */
    private static final int MOST_BUGS = 10;

    private static final int MANY_RELOADS = 10;
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final long usualNanos;
    private int reloads;
    private int bugs;

    ReloadBackoff(Duration usual) {
        this.usualNanos = usual.toNanos();
    }

    /** Counts that state is dropped, and says so: louder the longer nothing goes on. */
    void reloading(TopicPartition partition, String why) {
        reloads++;
        log.atLevel(areReloadsMany() ? Level.ERROR : Level.WARN)
                .addKeyValue("partition", partition)
                .addKeyValue("why", why)
                .addKeyValue("timesWithoutProgress", reloads)
                .log("state dropped, to be loaded again");
    }

    void failed() {
        bugs++;
    }

    /** Begins to count anew. Whether there was anything to count. */
    boolean progressed() {
        boolean hadReloaded = reloads > 0;
        reloads = 0;
        bugs = 0;
        return hadReloaded;
    }

    int reloads() {
        return reloads;
    }

    int bugs() {
        return bugs;
    }

    boolean areReloadsMany() {
        return reloads >= MANY_RELOADS;
    }

    /** Whether it failed so often that it does not pass. */
    boolean areBugsTooMany() {
        return bugs >= MOST_BUGS;
    }

    long pauseNanos() {
        return bugs == 0 ? usualNanos : Math.max(usualNanos, Math.min(LONGEST_PAUSE_NANOS, usualNanos << bugs));
    }

    /** Says why state that was not stored is loaded again. */
    static String why(Outcome notStored) {
        return notStored == Outcome.TOO_EARLY
                ? "the database's clock went back, so an hour that ends now is not over by it"
                : "somebody else went on with this partition";
    }
}
