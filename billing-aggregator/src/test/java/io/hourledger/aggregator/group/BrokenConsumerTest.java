package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.embedded.TestClock;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What ends one consumer by a passing fault ends no reading for good. */
@Tag("servers")
class BrokenConsumerTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    /** Breaks the first polls that have records, as a lack of memory would. The settings are also those of a producer. */
    public static final class BreaksPolls
            implements ConsumerInterceptor<ByteBuffer, ByteBuffer>, ProducerInterceptor<byte[], byte[]> {

        static final AtomicInteger toBreak = new AtomicInteger();

        @Override
        public ConsumerRecords<ByteBuffer, ByteBuffer> onConsume(ConsumerRecords<ByteBuffer, ByteBuffer> records) {
            boolean ofUsage = records.partitions().stream()
                    .anyMatch(partition -> partition.topic().startsWith("usage-events"));
            if (ofUsage && toBreak.getAndDecrement() > 0) {
                throw new OutOfMemoryError("none left");
            }
            return records;
        }

        @Override
        public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
            return record;
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

        @Override
        public void configure(Map<String, ?> settings) {}

        @Override
        public void close() {}
    }

    @Test
    void a_consumer_that_ends_is_replaced_and_counted() {
        BreaksPolls.toBreak.set(1);
        try (TestServers stack = new TestServers(clock)) {
            Aggregator.Parts parts =
                    stack.parts("hourledger.kafka.client.interceptor.classes=" + BreaksPolls.class.getName());
            try (Aggregator aggregator = Aggregator.start(parts)) {
                stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "5"));

                soon().untilAsserted(() -> assertThat(stack.buckets()).isEqualTo(Map.of("10 i-1", new BigDecimal(5))));

                assertThat(parts.metrics()
                                .get("usage.aggregator.consumer.restarts")
                                .counter()
                                .count())
                        .isEqualTo(1);
                assertThat(aggregator.isReading(Duration.ofSeconds(60))).isTrue();
            }
        }
    }

    @Test
    void a_consumer_that_ends_again_and_again_is_said_not_to_read() {
        BreaksPolls.toBreak.set(3);
        try (TestServers stack = new TestServers(clock)) {
            Aggregator.Parts parts =
                    stack.parts("hourledger.kafka.client.interceptor.classes=" + BreaksPolls.class.getName());
            try (Aggregator aggregator = Aggregator.start(parts)) {
                stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "5"));

                soon().untilAsserted(() ->
                        assertThat(aggregator.isReading(Duration.ofSeconds(60))).isFalse());
                soon().untilAsserted(() -> assertThat(stack.buckets()).isEqualTo(Map.of("10 i-1", new BigDecimal(5))));
            }
        }
    }

    @Test
    void a_lack_of_memory_that_passes_halts_no_partition() {
        try (TestServers stack = new TestServers(clock)) {
            AtomicInteger checkpoints = new AtomicInteger();
            try (Aggregator aggregator = Aggregator.start(stack.parts(), (ownership, checkpoint) -> {
                if (!checkpoint.buckets().isEmpty() && checkpoints.incrementAndGet() <= 3) {
                    throw new OutOfMemoryError("none left");
                }
            })) {
                for (int i = 1; i <= 5; i++) {
                    int sent = i;
                    stack.send("i-1", egress("i-1", "e-" + i, TEN.plusSeconds(1), "1"));
                    soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(sent));
                }

                assertThat(stack.buckets()).isEqualTo(Map.of("10 i-1", new BigDecimal(5)));
                assertThat(aggregator.partitions().all()).allSatisfy(partition -> assertThat(partition.haltedBecause())
                        .isNull());
            }
        }
    }
}
