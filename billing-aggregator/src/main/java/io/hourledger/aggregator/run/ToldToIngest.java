package io.hourledger.aggregator.run;

import io.hourledger.aggregator.hour.RunIndependently;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.contracts.usage.ToldAcceptance;
import io.hourledger.ledger.access.PostgresApiKeys;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** What ingest must know and has no database for: the versions of the catalogue, the API keys, and for how long usage counts. Belongs to one thread. */
final class ToldToIngest implements AutoCloseable {

    private final List<KafkaToldTopic> told;

    ToldToIngest(KafkaToldTopic... told) {
        this.told = List.of(told);
    }

    ToldToIngest(
            Map<String, Object> clientSettings,
            String usageTopic,
            PostgresCatalogue versions,
            DataSource database,
            ToldAcceptance acceptance) {
        this(
                KafkaToldTopic.ofApiKeys(
                        clientSettings, usageTopic, new PostgresApiKeys(database)::told, KafkaToldTopic.AGAIN_AFTER),
                KafkaToldTopic.ofCatalogue(clientSettings, usageTopic, versions, KafkaToldTopic.AGAIN_AFTER),
                KafkaToldTopic.ofAcceptance(clientSettings, usageTopic, acceptance, KafkaToldTopic.AGAIN_AFTER));
    }

    /** Tells what is new. What cannot be told holds up nothing else. */
    void tell() {
        RunIndependently.of(told, KafkaToldTopic::tell);
    }

    @Override
    public void close() {
        told.forEach(KafkaToldTopic::close);
    }
}
