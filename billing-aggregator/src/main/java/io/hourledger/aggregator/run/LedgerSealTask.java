package io.hourledger.aggregator.run;

import io.hourledger.aggregator.seals.KafkaSeals;
import io.hourledger.ledger.seal.LedgerSealer;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/** Seals the ledger on a Kafka topic while this process runs; does nothing if there is no key. */
public final class LedgerSealTask implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LedgerSealTask.class);

    private final @Nullable KafkaSeals seals;
    private final @Nullable LedgerSealer sealer;

    private LedgerSealTask(@Nullable KafkaSeals seals, @Nullable LedgerSealer sealer) {
        this.seals = seals;
        this.sealer = sealer;
    }

    /**
     * @param digestKey of the ledger; null if it keeps no digests
     */
    public static LedgerSealTask start(
            Aggregator.Parts parts, SealSettings settings, PostgresLedgerFeed feed, @Nullable String digestKey) {
        if (digestKey == null) {
            return new LedgerSealTask(null, null);
        }
        KafkaSeals seals = KafkaSeals.connect(
                KafkaClients.of(parts.kafka(), parts.settings()),
                settings.topic(),
                parts.kafka().unsafeTopicAllowed());
        LedgerSealer sealer = new LedgerSealer(
                new JdbcTemplate(parts.database()), feed, new EventDigests(digestKey), seals, parts.clock());
        sealer.measure(parts.metrics());
        sealer.start(settings.every());
        return new LedgerSealTask(seals, sealer);
    }

    /** What was chained since the last seal is sealed first, so that a house that was stopped in order has no tail without a seal. */
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
