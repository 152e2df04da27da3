package io.hourledger.aggregator.run;

import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.ledger.access.PostgresApiKeys;
import java.util.Map;
import javax.sql.DataSource;

/** What ingest must know and has no database for: the versions of the catalogue, and the API keys. Belongs to one thread. */
final class ToldToIngest implements AutoCloseable {

    private final KafkaToldTopic catalogue;
    private final KafkaToldTopic apiKeys;

    ToldToIngest(
            Map<String, Object> clientSettings, String usageTopic, PostgresCatalogue versions, DataSource database) {
        catalogue = KafkaToldTopic.ofCatalogue(clientSettings, usageTopic, versions, KafkaToldTopic.AGAIN_AFTER);
        PostgresApiKeys keys = new PostgresApiKeys(database);
        apiKeys = KafkaToldTopic.ofApiKeys(clientSettings, usageTopic, keys::told, KafkaToldTopic.AGAIN_AFTER);
    }

    /** Tells what is new. */
    void tell() {
        apiKeys.tell();
        catalogue.tell();
    }

    @Override
    public void close() {
        catalogue.close();
        apiKeys.close();
    }
}
