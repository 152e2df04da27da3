package io.hourledger.ledger.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.embedded.TestBroker;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class KafkaSealsTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final Map<String, Object> broker = Map.of("bootstrap.servers", TestBroker.bootstrapServers());
    private final String topic = TestBroker.freshName("ledger-seals");

    private static Seal seal(long events, String head) {
        return new Seal(events, head, NOON, "00", null);
    }

    @Test
    void seals_come_back_by_the_number_of_events_and_each_once_whoever_kept_them() {
        try (KafkaSeals one = KafkaSeals.connect(broker, topic, true);
                KafkaSeals other = KafkaSeals.connect(broker, topic, true)) {
            one.keep(seal(10, "aa"));
            other.keep(seal(30, "cc"));
            one.keep(seal(20, "bb"));
            other.keep(seal(10, "aa"));
        }

        assertThat(KafkaSeals.all(broker, topic)).containsExactly(seal(10, "aa"), seal(20, "bb"), seal(30, "cc"));
    }

    @Test
    void two_seals_that_contradict_each_other_both_come_back() {
        try (KafkaSeals seals = KafkaSeals.connect(broker, topic, true)) {
            seals.keep(seal(10, "aa"));
            seals.keep(seal(10, "bb"));
        }

        assertThat(KafkaSeals.all(broker, topic)).containsExactly(seal(10, "aa"), seal(10, "bb"));
    }

    @Test
    void without_a_topic_there_are_no_seals() {
        assertThat(KafkaSeals.all(broker, topic)).isEmpty();
    }

    @Test
    void a_topic_that_would_drop_seals_is_refused_with_a_sentence() throws Exception {
        try (Admin admin = Admin.create(broker)) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
        }

        assertThatThrownBy(() -> KafkaSeals.connect(broker, topic, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("would lose what is kept in it");
    }
}
