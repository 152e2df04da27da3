package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.embedded.TestClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Any app may write to the topic; what one record says must not stop the others. */
@Tag("servers")
class RecordAtFaultTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final int PARTITION = partitionOf("i-1");

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static int partitionOf(String instance) {
        return Utils.toPositive(Utils.murmur2(instance.getBytes(UTF_8))) % TestServers.PARTITIONS;
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private static String halted(Aggregator aggregator, int partition) {
        return aggregator
                .partitions()
                .of(partition)
                .map(PartitionStatus::haltedBecause)
                .orElse("not halted");
    }

    @Test
    void whatever_a_record_says_it_is_set_aside_and_stops_nothing() throws Exception {
        String event = egress("i-1", "absurd", TEN.plusSeconds(1), "1");
        List<Long> timestamps = List.of(
                0L,
                TEN.getEpochSecond(),
                TEN.toEpochMilli() * 1_000,
                TEN.toEpochMilli() * 1_000_000,
                Instant.parse("+294277-01-01T00:00:00Z").toEpochMilli(),
                Long.MAX_VALUE);
        List<String> events = List.of(
                event.replace("2026-03-01T10:00:01Z", "0000-01-01T00:00:00Z"),
                event.replace("2026-03-01T10:00:01Z", "9999-12-31T23:59:59Z"),
                event.replace("2026-03-01T10:00:01Z", "1970-01-01T00:00:00Z"),
                event.replace("2026-03-01T10:00:01Z", "+999999999-12-31T23:59:59Z"),
                event.replace("\"i-1\"", "\"i-1\\u0000\""),
                event.replace("\"i-1\"", "\"\\ud800\""),
                event.replace("web.egress", "web\\u0000.\\ud800"),
                event.replace("\"bytes\":1", "\"bytes\":1e999999999"),
                "\0");
        try (TestServers stack = new TestServers(clock);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", stack.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (long timestamp : timestamps) {
                producer.send(new ProducerRecord<>(
                                stack.topic(), PARTITION, timestamp, "i-1".getBytes(UTF_8), event.getBytes(UTF_8)))
                        .get();
            }
            for (String one : events) {
                stack.sendRaw(PARTITION, "i-1", one.getBytes(UTF_8));
            }
            stack.sendRaw(PARTITION, "\0", event.getBytes(UTF_8));
            stack.sendRaw(PARTITION, null, event.getBytes(UTF_8));
            int absurd = timestamps.size() + events.size() + 2;
            stack.send("i-1", egress("i-1", "good", TEN.plusSeconds(1), "5"));

            Aggregator aggregator = stack.start();

            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(absurd + 1));
            assertThat(halted(aggregator, PARTITION)).isEqualTo("not halted");
            assertThat(stack.buckets()).hasSize(1).hasEntrySatisfying("10 i-1", total -> assertThat(total)
                    .isEqualByComparingTo("5"));
            assertThat(stack.sql()
                            .sql("select count(*) from aggregator.quarantine")
                            .query(Integer.class)
                            .single())
                    .isEqualTo(absurd);
            assertThat(stack.sql()
                            .sql("select detail from aggregator.quarantine where log_offset = 3")
                            .query(String.class)
                            .single())
                    .isEqualTo("the record's timestamp 1772359200000000000 is no time in milliseconds of 1970 to 9999");
        }
    }

    @Test
    void a_record_that_the_store_refuses_halts_its_partition_by_name() {
        List<String> instances = IntStream.range(0, 1_000)
                .mapToObj(number -> "i-" + number)
                .filter(instance -> partitionOf(instance) == PARTITION)
                .limit(40)
                .toList();
        int fault = 27;
        try (TestServers stack = new TestServers(clock)) {
            stack.sql()
                    .sql("alter table aggregator.bucket add constraint fault check (instance <> '"
                            + instances.get(fault) + "')")
                    .update();
            instances.forEach(instance -> stack.sendSoon(instance, egress(instance, "e", TEN.plusSeconds(1), "1")));
            stack.flush();
            Aggregator.Parts parts = stack.parts();

            try (Aggregator aggregator = Aggregator.start(parts)) {
                soon().untilAsserted(() -> assertThat(halted(aggregator, PARTITION))
                        .startsWith("record " + fault + " cannot be kept, all before it is")
                        .contains("violates check constraint \"fault\""));
                assertThat(stack.consumed()).isEqualTo(fault);
                assertThat(stack.buckets()).hasSize(fault);
                assertThat(parts.metrics()
                                .get("usage.aggregator.reloads.without.progress")
                                .tag("partition", Integer.toString(PARTITION))
                                .gauge()
                                .value())
                        .isPositive();

                String elsewhere = IntStream.range(0, 100)
                        .mapToObj(number -> "i-" + number)
                        .filter(instance -> partitionOf(instance) != PARTITION)
                        .findFirst()
                        .orElseThrow();
                stack.send(elsewhere, egress(elsewhere, "e", TEN.plusSeconds(1), "1"));
                soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(fault + 1));
            }
        }
    }

    /** Markers of transactions are offsets without records. */
    @Test
    void a_record_behind_gaps_in_the_log_is_named_too() throws Exception {
        try (TestServers stack = new TestServers(clock);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", stack.bootstrapServers(), "transactional.id", "gaps"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            stack.sql()
                    .sql("alter table aggregator.bucket add constraint fault check (events < 3)")
                    .update();
            producer.initTransactions();
            for (int i = 0; i < 4; i++) {
                producer.beginTransaction();
                byte[] event = egress("i-1", "e-" + i, TEN.plusSeconds(1), "1").getBytes(UTF_8);
                long now = clock.instant().toEpochMilli();
                producer.send(new ProducerRecord<>(stack.topic(), PARTITION, now, "i-1".getBytes(UTF_8), event))
                        .get();
                if (i == 1) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
            Aggregator aggregator = stack.start();

            soon().untilAsserted(() ->
                    assertThat(halted(aggregator, PARTITION)).startsWith("record 6 cannot be kept, all before it is"));
            assertThat(stack.buckets()).isEqualTo(Map.of("10 i-1", new BigDecimal(2)));
        }
    }
}
