package io.hourledger.aggregator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.seal.KafkaSeals;
import io.hourledger.ledger.seal.LedgerSealTask;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.seal.SealSettings;
import io.hourledger.ledger.store.EventDigests;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

@Tag("servers")
class LedgerSealTaskTest {

    private static final String KEY = "a key that is not in the database";

    private final SealSettings settings =
            new SealSettings(TestBroker.freshName("ledger-seals"), Duration.ofMillis(200), null);

    @Test
    void what_is_cut_from_the_ledger_after_it_was_sealed_on_the_topic_is_found() {
        try (TestServers stack = new TestServers(new TestClock(Instant.parse("2026-03-01T10:00:00Z")))) {
            stack.open("i-1", "i-2");
            try (LedgerSealTask sealing = LedgerSealTaskFactory.start(stack.parts(), settings, stack.feed(), KEY)) {
                assertThat(sealing).isNotNull();
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(seals(stack))
                        .extracting(Seal::eventCount)
                        .endsWith(2L));
            }
            assertThat(verified(stack).sound()).isTrue();
            stack.sql()
                    .sql("delete from ledger.event where instance_id = 'i-2'")
                    .update();
            stack.sql()
                    .sql("delete from ledger.instance_snapshot where instance_id = 'i-2'")
                    .update();

            assertThat(verified(stack).findings()).hasSize(1).first().asString().contains("the tail was cut");
        }
    }

    private List<Seal> seals(TestServers stack) {
        return KafkaSeals.all(Map.of("bootstrap.servers", stack.bootstrapServers()), settings.topic());
    }

    private LedgerVerifier.Report verified(TestServers stack) {
        return new LedgerVerifier(
                        new JdbcTemplate(stack.database()),
                        new JdbcTransactionManager(stack.database()),
                        new EventDigests(KEY))
                .verify(seals(stack));
    }
}
