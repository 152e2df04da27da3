package io.hourledger.ledger.seal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Seals the ledger on a Kafka topic while its process runs; does nothing if the ledger stores no digests. */
public final class LedgerSealTask implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LedgerSealTask.class);

    private final @Nullable KafkaSeals seals;
    private final @Nullable LedgerSealer sealer;

    private LedgerSealTask(@Nullable KafkaSeals seals, @Nullable LedgerSealer sealer) {
        this.seals = seals;
        this.sealer = sealer;
    }

    /** For a ledger without digests. */
    public static LedgerSealTask none() {
        return new LedgerSealTask(null, null);
    }

    /**
     * Starts to seal, and from now on owns both.
     *
     * @param sealer one that writes to {@code seals}
     * @param every elapsed time between two seals
     */
    public static LedgerSealTask start(LedgerSealer sealer, KafkaSeals seals, Duration every) {
        sealer.start(every);
        return new LedgerSealTask(seals, sealer);
    }

    /** Seals what was chained since the last seal first, so that an orderly stop leaves no tail without a seal. */
    @Override
    public void close() {
        if (sealer != null) {
            sealOnce(sealer);
            sealer.close();
        }
        if (seals != null) {
            seals.close();
        }
    }

    private static void sealOnce(LedgerSealer sealer) {
        try {
            sealer.seal();
        } catch (RuntimeException notSealed) {
            log.atWarn().setCause(notSealed).log("the end of the ledger was not sealed; the next start seals it");
        }
    }
}
