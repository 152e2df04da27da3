package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.GroupName;
import io.hourledger.embedded.TestClock;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One process with two threads: one of them waits for PostgreSQL longer than the group waits for it. */
@Tag("servers")
class StalledOwnerTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final int PARTITION =
            Utils.toPositive(Utils.murmur2("i-1".getBytes(UTF_8))) % TestServers.PARTITIONS;

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }

    private static ConsumerGroupDescription group(Admin admin, String group) throws Exception {
        return Objects.requireNonNull(
                admin.describeConsumerGroups(List.of(group)).all().get().get(group));
    }

    private static Optional<String> owner(Admin admin, String group, TopicPartition partition) throws Exception {
        return group(admin, group).members().stream()
                .filter(member -> member.assignment().topicPartitions().contains(partition))
                .map(MemberDescription::clientId)
                .findFirst();
    }

    private static long assigned(Admin admin, String group) throws Exception {
        return group(admin, group).members().stream()
                .filter(member -> !member.assignment().topicPartitions().isEmpty())
                .count();
    }

    @Test
    void what_a_late_thread_hands_back_is_its_own_only() throws Exception {
        try (TestServers stack = new TestServers(clock);
                Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()));
                Connection other = DriverManager.getConnection(
                        stack.address().jdbcUrl(),
                        stack.address().user(),
                        stack.address().password())) {
            String group = GroupName.of(
                    Objects.requireNonNull(stack.settings().get("hourledger.aggregator.group-id")),
                    UUID.fromString(stack.installation()));
            TopicPartition partition = new TopicPartition(stack.topic(), PARTITION);
            stack.open("i-1");
            Aggregator.Parts parts = stack.parts(
                    "hourledger.aggregator.threads=2",
                    "hourledger.aggregator.session-timeout=PT6S",
                    "hourledger.aggregator.max-poll-interval=PT6S");
            try (Aggregator aggregator = Aggregator.start(parts)) {
                stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
                soon().untilAsserted(() -> {
                    assertThat(stack.consumed()).isEqualTo(1);
                    assertThat(assigned(admin, group)).isEqualTo(2);
                });
                String first = owner(admin, group, partition).orElseThrow();

                other.setAutoCommit(false);
                try (PreparedStatement lock = other.prepareStatement(
                        "select 1 from aggregator.partition_position where partition = ? for update")) {
                    lock.setInt(1, PARTITION);
                    lock.execute();
                }
                stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "1000000"));
                soon().untilAsserted(() ->
                        assertThat(owner(admin, group, partition)).isPresent().isNotEqualTo(Optional.of(first)));
                other.rollback();
                soon().untilAsserted(() -> assertThat(assigned(admin, group)).isEqualTo(2));

                clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

                soon().untilAsserted(() -> assertThat(stack.sql()
                                .sql(
                                        "select count(*) from aggregator.hour_cutoff where closed_at is not null and hour = ?")
                                .param(TEN.atOffset(ZoneOffset.UTC))
                                .query(Integer.class)
                                .single())
                        .isEqualTo(TestServers.PARTITIONS));
                assertThat(aggregator.partitions().of(PARTITION)).isPresent();
                soon().untilAsserted(() -> assertThat(parts.metrics()
                                .get("usage.aggregator.oldest.unclosed.hour.age")
                                .tag("partition", Integer.toString(PARTITION))
                                .gauge()
                                .value())
                        .isNotNaN());
            }
        }
    }
}
