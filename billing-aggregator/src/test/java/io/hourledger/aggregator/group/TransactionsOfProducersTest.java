package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Apps that produce to the topic themselves, in transactions that end well, badly or late. */
@Tag("servers")
class TransactionsOfProducersTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final int PARTITION =
            Utils.toPositive(Utils.murmur2("i-1".getBytes(UTF_8))) % TestServers.PARTITIONS;

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100));
    }

    private static KafkaProducer<byte[], byte[]> transactional(TestServers stack) {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", stack.bootstrapServers(),
                        "transactional.id", TestBroker.freshName("app")),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    private void send(KafkaProducer<byte[], byte[]> producer, TestServers stack, String id, String bytes)
            throws Exception {
        producer.send(new ProducerRecord<>(
                        stack.topic(),
                        PARTITION,
                        clock.millis(),
                        "i-1".getBytes(UTF_8),
                        Usage.bytes(egress("i-1", id, clock.instant(), bytes))))
                .get();
    }

    private static int closed(TestServers stack) {
        return stack.sql()
                .sql("select count(*) from aggregator.hour_cutoff where closed_at is not null and hour = ?")
                .param(TEN.atOffset(ZoneOffset.UTC))
                .query(Integer.class)
                .single();
    }

    @Test
    void what_was_aborted_is_not_billed_and_markers_hold_no_hour_open() throws Exception {
        try (TestServers stack = new TestServers(clock);
                KafkaProducer<byte[], byte[]> producer = transactional(stack)) {
            stack.open("i-1");
            producer.beginTransaction();
            send(producer, stack, "aborted", "7000000");
            producer.abortTransaction();
            producer.beginTransaction();
            send(producer, stack, "committed", "2000000");
            producer.commitTransaction();
            stack.start();
            soon().untilAsserted(() -> assertThat(stack.consumed()).isPositive());

            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

            soon().untilAsserted(() -> assertThat(closed(stack)).isEqualTo(TestServers.PARTITIONS));
            assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal(2)));
        }
    }

    @Test
    void what_is_acknowledged_behind_an_open_transaction_belongs_to_its_hour() throws Exception {
        try (TestServers stack = new TestServers(clock);
                KafkaProducer<byte[], byte[]> producer = transactional(stack)) {
            stack.open("i-1");
            stack.start();
            producer.beginTransaction();
            send(producer, stack, "of-the-transaction", "1000000");
            stack.send("i-1", egress("i-1", "acknowledged", clock.instant(), "2000000"));

            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
            soon().untilAsserted(() -> assertThat(stack.sql()
                            .sql("select cutoff from aggregator.hour_cutoff where partition = ?")
                            .param(PARTITION)
                            .query(Long.class)
                            .list())
                    .containsExactly(2L));
            producer.commitTransaction();

            soon().untilAsserted(() -> assertThat(closed(stack)).isEqualTo(TestServers.PARTITIONS));
            assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal(3)));
        }
    }
}
