package io.hourledger.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestClock;
import io.hourledger.ingest.KeysTopic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

@Tag("servers")
class KafkaApiKeyReaderTest {

    private static final Instant TEN = Instant.parse("2026-11-24T10:00:00Z");
    private static final String ENDING = "a".repeat(64);
    private static final String LASTING = "b".repeat(64);

    private final String topic = TestBroker.freshName("usage");
    private final TestClock machineClock = new TestClock(TEN);

    @Test
    void a_secret_ends_at_its_time_though_nobody_tells_any_more() throws Exception {
        ApiKey key = new ApiKey(
                "key-7",
                "eu",
                Set.of(new KeySecret(ENDING, TEN.plusSeconds(20)), KeySecret.lasting(LASTING)),
                new KeyScope(List.of("/shop"), List.of(), Set.of(), Set.of()),
                KeyLimits.NONE);
        KeysTopic.make(topic).tell(new ToldKeys(new UUID(0, 1), 1, 1, List.of(key)));
        try (KafkaApiKeyReader keys = KafkaApiKeyReader.start(settings(), machineClock)) {
            await().until(keys::isTold);
            assertThat(keys.keyOf(ENDING)).contains(key);

            machineClock.moveTo(TEN.plusSeconds(20));

            assertThat(keys.keyOf(ENDING)).isEmpty();
            assertThat(keys.keyOf(LASTING)).contains(key);
        }
    }

    private IngestKafkaSettings settings() {
        return new IngestKafkaSettings(
                TestBroker.bootstrapServers(),
                topic,
                4,
                true,
                (short) 1,
                null,
                true,
                Duration.ofMillis(50),
                Duration.ofSeconds(30),
                DataSize.ofMegabytes(1),
                Duration.ofMillis(5),
                Duration.ofSeconds(30),
                Map.of());
    }
}
