package io.hourledger.aggregator.run;

import io.hourledger.ledger.seal.KafkaSeals;
import io.hourledger.ledger.seal.LedgerSealTask;
import io.hourledger.ledger.seal.LedgerSealer;
import io.hourledger.ledger.seal.SealSettings;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Lets this process seal the ledger: it has the ledger's database and Kafka at hand. */
public final class LedgerSealTaskFactory {

    private LedgerSealTaskFactory() {}

    /**
     * @param digestKey of the ledger; null if it stores no digests, so there is nothing to seal
     */
    public static LedgerSealTask start(
            Aggregator.Parts parts, SealSettings settings, PostgresLedgerFeed feed, @Nullable String digestKey) {
        if (digestKey == null) {
            return LedgerSealTask.none();
        }
        KafkaSeals seals = KafkaSeals.connect(
                KafkaClients.of(parts.kafka(), parts.settings()),
                settings.topic(),
                parts.kafka().unsafeTopicAllowed());
        LedgerSealer sealer = new LedgerSealer(
                new JdbcTemplate(parts.database()),
                feed,
                new EventDigests(digestKey),
                seals,
                parts.clock(),
                settings.signer());
        sealer.measure(parts.metrics());
        return LedgerSealTask.start(sealer, seals, settings.every());
    }
}
