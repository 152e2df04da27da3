package io.hourledger.aggregator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestHouse;
import io.hourledger.aggregator.seals.KafkaSeals;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.seal.LedgerVerifier;
import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.store.EventDigests;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

class SealingTest {

    private static final String KEY = "a key that is not in the database";

    private final SealSettings settings =
            new SealSettings(TestBroker.freshName("ledger-seals"), Duration.ofMillis(200));

    @Test
    void what_is_cut_from_the_ledger_after_it_was_sealed_on_the_topic_is_found() {
        try (TestHouse house = new TestHouse(new TestClock(Instant.parse("2026-03-01T10:00:00Z")))) {
            house.open("i-1", "i-2");
            try (Sealing sealing = Sealing.start(house.parts(), settings, house.feed(), KEY)) {
                assertThat(sealing).isNotNull();
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(seals(house))
                        .extracting(Seal::eventCount)
                        .endsWith(2L));
            }
            assertThat(verified(house).sound()).isTrue();
            house.sql()
                    .sql("delete from ledger.event where instance_id = 'i-2'")
                    .update();
            house.sql()
                    .sql("delete from ledger.instance_state where instance_id = 'i-2'")
                    .update();

            assertThat(verified(house).findings()).hasSize(1).first().asString().contains("the tail was cut");
        }
    }

    private List<Seal> seals(TestHouse house) {
        return KafkaSeals.all(Map.of("bootstrap.servers", house.bootstrapServers()), settings.topic());
    }

    private LedgerVerifier.Report verified(TestHouse house) {
        return new LedgerVerifier(
                        new JdbcTemplate(house.database()),
                        new JdbcTransactionManager(house.database()),
                        new EventDigests(KEY))
                .verify(seals(house));
    }
}
