package io.hourledger.ingest.kafka;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.access.ToldKeysFile;
import io.hourledger.ingest.accept.ApiKeySource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the API keys that the aggregator tells on a compacted topic. Each record holds all keys, so one that is left out is revoked. Keys
 * that a slower process tells behind a change are passed over. Those of another installation replace all, since only the owner of the log
 * tells. A secret ends when its time is over, whether or not anybody tells.
 */
final class KafkaApiKeyReader implements ApiKeySource, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaApiKeyReader.class);

    private final Clock machineClock;
    private final Instant startedAt;
    private volatile @Nullable Known known;
    private volatile @Nullable Instant toldAt;
    private volatile boolean hasCome;
    private @Nullable CompactedTopicReader reader;

    private record Held(ApiKey key, KeySecret secret) {}

    /** Keys, and where to find each by its secrets. */
    private record Known(ToldKeys told, Map<String, Held> keysBySecret) {

        static Known of(ToldKeys told) {
            Map<String, Held> keysBySecret = new HashMap<>();
            for (ApiKey key : told.keys()) {
                key.secrets().forEach(secret -> keysBySecret.put(secret.sha256(), new Held(key, secret)));
            }
            return new Known(told, Map.copyOf(keysBySecret));
        }
    }

    private KafkaApiKeyReader(Clock machineClock) {
        this.machineClock = machineClock;
        this.startedAt = machineClock.instant();
    }

    /**
     * Reads what was told so far, if Kafka answers in time, and follows what comes.
     *
     * @param machineClock the time in which secrets end, however fast business time runs
     */
    static KafkaApiKeyReader start(IngestKafkaSettings settings, Clock machineClock) {
        KafkaApiKeyReader keys = new KafkaApiKeyReader(machineClock);
        keys.reader = CompactedTopicReader.start(settings, ToldKeys.topicOf(settings.topic()), keys::take);
        return keys;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        hasCome = true;
        ToldKeys told = ToldKeysFile.read(record.value());
        Known before = known;
        if (before != null && told.isOlderThan(before.told)) {
            return;
        }
        known = Known.of(told);
        toldAt = Instant.ofEpochMilli(record.timestamp());
        if (before == null || told.version() != before.told.version()) {
            log.atInfo().addKeyValue("keys", told.keys().size()).log("API keys learned");
        }
    }

    @Override
    public boolean isTold() {
        CompactedTopicReader following = reader;
        return known != null && following != null && following.isReadToEnd();
    }

    /** Whether requests may come: all that was told is known, or nobody has told anything yet. */
    boolean isReady() {
        CompactedTopicReader following = reader;
        return following != null && following.isReadToEnd() && (known != null || !hasCome);
    }

    @Override
    public Optional<ApiKey> keyOf(String sha256) {
        Known now = known;
        Held held = now == null ? null : now.keysBySecret.get(sha256);
        return held != null && held.secret.isValidAt(machineClock.instant()) ? Optional.of(held.key) : Optional.empty();
    }

    /** How many keys are known from the topic. */
    int count() {
        Known now = known;
        return now == null ? 0 : now.told.keys().size();
    }

    /** How long ago the keys that are known were told, in seconds; since the start if none were. */
    double secondsSinceTold() {
        Instant at = toldAt;
        return Duration.between(at == null ? startedAt : at, machineClock.instant())
                        .toMillis()
                / 1_000.0;
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
    }
}
