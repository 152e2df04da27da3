package io.hourledger.chaos;

import io.hourledger.contracts.usage.UsageHour;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What the usage log holds that no filter takes, read once more and past the product: it leaves no row of such an event that the run could look
 * at.
 *
 * @param records how many records; an event that is told again is one more
 * @param numbers the events
 */
record FilteredOutInLog(long records, BitSet numbers) {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** As {@link LoadEvents} writes a hit. What is cut off or has another name is none. */
    private static final Pattern HIT =
            Pattern.compile("\\{\"specversion\":\"1.0\",\"id\":\"e-(\\d+)\",.*\"type\":\"" + LoadMeter.HITS.eventType()
                    + "\",.*\"time\":\"([^\"]+)\",.*\"" + ChaosCatalogue.REGION_FIELD + "\":\"([a-z]+)\"}}");

    static FilteredOutInLog read(String bootstrapServers, LoadEvents events, CatalogueChange change) {
        Census census = new Census(events, change);
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(LoadEvents.TOPIC).stream()
                    .map(one -> new TopicPartition(one.topic(), one.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    census.take(record.value());
                    until = System.nanoTime() + PATIENCE.toNanos();
                }
                if (System.nanoTime() - until > 0) {
                    throw new IllegalStateException("the usage log could not be read to its end");
                }
            }
        }
        return new FilteredOutInLog(census.records, census.numbers);
    }

    /** How many of these events are not among them. */
    long missing(BitSet expected) {
        BitSet missing = (BitSet) expected.clone();
        missing.andNot(numbers);
        return missing.cardinality();
    }

    private static final class Census {
        private final LoadEvents events;
        private final CatalogueChange change;
        private final BitSet numbers = new BitSet();
        private long records;

        Census(LoadEvents events, CatalogueChange change) {
            this.events = events;
            this.change = change;
        }

        /** One that repeats an event that counted is a conflict, and not filtered out. */
        void take(byte[] value) {
            Matcher hit = HIT.matcher(new String(value, StandardCharsets.UTF_8));
            if (!hit.matches()) {
                return;
            }
            int number = Integer.parseInt(hit.group(1));
            UsageHour hour = UsageHour.of(Instant.parse(hit.group(2)));
            if (!change.takes(Region.ofWord(hit.group(3)), hour) && !change.takes(events.regionOf(number), hour)) {
                records++;
                numbers.set(number);
            }
        }
    }
}
