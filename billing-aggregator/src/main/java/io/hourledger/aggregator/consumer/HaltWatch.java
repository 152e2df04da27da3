package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.consumer.HaltStore.Halt;
import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.hour.StoreRefusedException;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that a halt is stored, and notices when it was taken away, by a person or because its cause has gone. Belongs to one thread. */
final class HaltWatch {

    private static final Logger log = LoggerFactory.getLogger(HaltWatch.class);

    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final HaltStore store;
    private final int partition;
    private final Halt halt;
    private boolean isStored;
    private long lookedNanos = System.nanoTime() - LOOK_EVERY_NANOS;

    HaltWatch(HaltStore store, int partition, HaltReason reason, String detail, Instant since) {
        this.store = store;
        this.partition = partition;
        this.halt = new Halt(reason, detail, since);
    }

    /** Whether the partition may be loaded again. Looks every two seconds; what the store does not answer is asked again. */
    boolean mayGoOn() {
        if (System.nanoTime() - lookedNanos < LOOK_EVERY_NANOS) {
            return false;
        }
        lookedNanos = System.nanoTime();
        try {
            if (!isStored) {
                store.halted(partition, halt);
                isStored = true;
            } else if (!store.isHalted(partition)) {
                log.atInfo()
                        .addKeyValue("partition", partition)
                        .log("the halt was taken away, so the partition goes on");
                return true;
            }
        } catch (StoreUnavailableException | StoreRefusedException notNow) {
            log.atWarn().addKeyValue("partition", partition).setCause(notNow).log("a halt could not be stored or read");
        }
        return false;
    }
}
