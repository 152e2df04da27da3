package io.hourledger.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.embedded.TestBroker;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("servers")
class StartTest {

    @Test
    void an_unsafe_topic_stops_the_start_with_all_that_is_wrong_and_the_way_out() {
        assertThatThrownBy(() -> RunningIngest.start("hourledger.kafka.unsafe-topic-allowed=false"))
                .rootCause()
                .hasMessageContaining("1 replica(s): give it 3")
                .hasMessageContaining("min.insync.replicas is 1: set it to 2")
                .hasMessageContaining("hourledger.kafka.unsafe-topic-allowed=true");
    }

    @Test
    void a_topic_that_is_not_there_stops_the_start_unless_it_may_be_made() {
        assertThatThrownBy(() -> RunningIngest.start(
                        "hourledger.kafka.create-topic=false", "hourledger.kafka.startup-timeout=PT0.2S"))
                .rootCause()
                .hasMessageContaining("is not there: make it, or set hourledger.kafka.create-topic=true");
    }

    @Test
    void kafka_out_of_reach_stops_the_start_with_the_address_that_was_tried() {
        assertThatThrownBy(() ->
                        RunningIngest.startAt("127.0.0.1:1", "usage-events", "hourledger.kafka.startup-timeout=PT0.2S"))
                .rootCause()
                .hasMessageContaining("Kafka at 127.0.0.1:1 does not answer");
    }

    @Test
    void another_partition_count_is_never_accepted_and_a_later_change_turns_health_red() throws Exception {
        String topic = TestBroker.freshName("usage");
        try (RunningIngest ingest = RunningIngest.startAt(TestBroker.bootstrapServers(), topic);
                Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            assertThat(ingest.get("/actuator/health").status()).isEqualTo(200);

            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5)))
                    .all()
                    .get();

            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(ingest.get("/actuator/health").status()).isEqualTo(503));
        }
        assertThatThrownBy(() -> RunningIngest.startAt(TestBroker.bootstrapServers(), topic))
                .rootCause()
                .hasMessageContaining("has 5 partitions and hourledger.kafka.partitions says 4");
    }

    @ParameterizedTest
    @CsvSource({
        "message.timestamp.after.max.ms, 3600000, message.timestamp.after.max.ms",
        "message.timestamp.type, LogAppendTime, message.timestamp.type=CreateTime",
        "cleanup.policy, compact, cleanup.policy=delete",
    })
    void a_topic_that_would_make_the_log_wrong_is_refused_also_when_unsafe_ones_are_allowed(
            String name, String value, String sentence) throws Exception {
        String topic = TestBroker.freshName("usage");
        RunningIngest.startAt(TestBroker.bootstrapServers(), topic).close();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            AlterConfigOp change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(change)))
                    .all()
                    .get();
        }

        assertThatThrownBy(() -> RunningIngest.startAt(TestBroker.bootstrapServers(), topic))
                .rootCause()
                .hasMessageContaining(sentence);
    }

    @Test
    void a_missing_catalogue_stops_the_start_with_its_place() {
        assertThatThrownBy(() -> RunningIngest.start("hourledger.catalogue=classpath:nowhere.json"))
                .rootCause()
                .hasMessageContaining("hourledger.catalogue")
                .hasMessageContaining("nowhere.json");
    }
}
