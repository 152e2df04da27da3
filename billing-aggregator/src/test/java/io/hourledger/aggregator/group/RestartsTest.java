package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedBroker;
import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("servers")
class RestartsTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final int EVENTS = 200;

    @TempDir
    private Path folder;

    private int number;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }

    @Test
    void a_crash_of_the_database_a_restart_of_the_broker_and_both_at_once_change_no_amount() {
        TestClock clock = new TestClock(TEN.plusSeconds(600));
        EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0, Map.of());
        EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("postgres"), 0, Durability.SAFE);
        int brokerPort = Integer.parseInt(broker.bootstrapServers().split(":", -1)[1]);
        database.createDatabaseIfMissing("hourledger");
        TestDatabase.Address address =
                new TestDatabase.Address(database.jdbcUrl("hourledger"), database.user(), database.password());
        TestServers.makeTables(address.dataSource());
        try (TestServers stack = new TestServers(clock, broker.bootstrapServers(), address)) {
            stack.open("i-1", "i-2");
            stack.start();
            sendSome(stack);
            soon().until(() -> stack.consumed() == number);

            database.crash();
            sendSome(stack);
            database = EmbeddedDatabase.start(folder.resolve("postgres"), database.port(), Durability.SAFE);
            soon().ignoreExceptions().until(() -> stack.consumed() == number);

            broker.close();
            broker = EmbeddedBroker.start(folder.resolve("kafka"), brokerPort, Map.of());
            sendSome(stack);
            soon().until(() -> stack.consumed() == number);

            database.crash();
            broker.close();
            broker = EmbeddedBroker.start(folder.resolve("kafka"), brokerPort, Map.of());
            sendSome(stack);
            database = EmbeddedDatabase.start(folder.resolve("postgres"), database.port(), Durability.SAFE);
            soon().ignoreExceptions().until(() -> stack.consumed() == number);

            clock.moveTo(TEN.plus(Duration.ofMinutes(63)));
            BigDecimal each = BigDecimal.valueOf(number / 2L);
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", each, "10 i-2", each)));
        } finally {
            broker.close();
            database.close();
        }
    }

    private void sendSome(TestServers stack) {
        for (int i = 0; i < EVENTS; i++) {
            String instance = "i-" + (1 + number % 2);
            stack.sendSoon(instance, egress(instance, "e-" + number++, TEN.plusSeconds(i), "1000000"));
        }
        stack.flush();
    }
}
