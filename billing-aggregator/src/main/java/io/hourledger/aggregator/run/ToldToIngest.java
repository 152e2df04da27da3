package io.hourledger.aggregator.run;

import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.ledger.access.PostgresApiKeys;
import java.util.Map;
import javax.sql.DataSource;

/** What ingest must know and has no database for: the versions of the catalogue, and the API keys. Belongs to one thread. */
final class ToldToIngest implements AutoCloseable {

    private final KafkaToldTopic catalogue;
    private final KafkaToldTopic apiKeys;

    ToldToIngest(KafkaToldTopic catalogue, KafkaToldTopic apiKeys) {
        this.catalogue = catalogue;
        this.apiKeys = apiKeys;
    }

    ToldToIngest(
            Map<String, Object> clientSettings, String usageTopic, PostgresCatalogue versions, DataSource database) {
        this(
                KafkaToldTopic.ofCatalogue(clientSettings, usageTopic, versions, KafkaToldTopic.AGAIN_AFTER),
                KafkaToldTopic.ofApiKeys(
                        clientSettings, usageTopic, new PostgresApiKeys(database)::told, KafkaToldTopic.AGAIN_AFTER));
    }

    /** Tells what is new. Keys that cannot be told do not hold up the catalogue, nor the other way round. */
    void tell() {
        try {
            apiKeys.tell();
        } finally {
            catalogue.tell();
        }
    }

    @Override
    public void close() {
        catalogue.close();
        apiKeys.close();
    }
}
