package io.hourledger.ingest.kafka;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.access.ToldKeysFile;
import io.hourledger.ingest.accept.ApiKeySource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the API keys that the aggregator tells on a compacted topic. Each record holds all keys, so one that is left out is revoked. Keys
 * that a slower process tells behind a change are passed over.
 */
final class KafkaApiKeyReader implements ApiKeySource, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaApiKeyReader.class);

    private volatile Known known = Known.of(new ToldKeys(0, 0, List.of()));
    private @Nullable CompactedTopicReader reader;

    /** Keys, and where to find each by its secrets. */
    private record Known(ToldKeys told, Map<String, ApiKey> keysBySecret) {

        static Known of(ToldKeys told) {
            Map<String, ApiKey> keysBySecret = new HashMap<>();
            told.keys().forEach(key -> key.secrets().forEach(secret -> keysBySecret.put(secret, key)));
            return new Known(told, Map.copyOf(keysBySecret));
        }
    }

    private KafkaApiKeyReader() {}

    /** Reads what was told so far, if Kafka answers in time, and follows what comes. */
    static KafkaApiKeyReader start(IngestKafkaSettings settings) {
        KafkaApiKeyReader keys = new KafkaApiKeyReader();
        keys.reader = CompactedTopicReader.start(settings, ToldKeys.topicOf(settings.topic()), keys::take);
        return keys;
    }

    private void take(byte[] record) {
        ToldKeys told = ToldKeysFile.read(record);
        Known before = known;
        if (!told.isOlderThan(before.told)) {
            known = Known.of(told);
            if (told.version() != before.told.version()) {
                log.atInfo().addKeyValue("keys", told.keys().size()).log("API keys learned");
            }
        }
    }

    @Override
    public Optional<ApiKey> keyOf(String sha256) {
        return Optional.ofNullable(known.keysBySecret.get(sha256));
    }

    /** How many keys are known from the topic. */
    int count() {
        return known.told.keys().size();
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
