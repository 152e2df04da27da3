package io.hourledger.benchmarks.gallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.benchmarks.gallery.CallbackClient.Measured;
import io.hourledger.benchmarks.report.BenchProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * An app whose instances use more than their threshold, one after another, while all others use a little; and that waits for the notices of it. A
 * notice is measured from the moment in which the event was due to be sent.
 */
final class NoticeLoad {

    /** The threshold of an hour, in the meter's unit. */
    static final int THRESHOLD = 1000;

    private static final int BACKGROUND_A_SECOND = 1000;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final long SEED = 20261130;

    private final String bootstrapServers;
    private final String usageTopic;
    private final String noticesTopic;
    private final Supplier<Instant> businessTime;
    private final SplittableRandom random = new SplittableRandom(SEED);

    /**
     * @param businessTime of the services
     */
    NoticeLoad(String bootstrapServers, String usageTopic, String noticesTopic, Supplier<Instant> businessTime) {
        this.bootstrapServers = bootstrapServers;
        this.usageTopic = usageTopic;
        this.noticesTopic = noticesTopic;
        this.businessTime = businessTime;
    }

    /**
     * Lets the first of the instances use too much, so many a second.
     *
     * @param first the number of the first of them
     * @param count how many
     * @param instances of all
     */
    Measured run(int first, int count, int perSecond, int instances, BenchProgress progress) {
        Map<String, Integer> awaited = new HashMap<>();
        long[] due = new long[count];
        long[] nanos = new long[count];
        int told = 0;
        int background = 0;
        try (Producer<String, byte[]> producer = new KafkaProducer<>(producerSettings());
                Consumer<String, byte[]> consumer = new KafkaConsumer<>(consumerSettings())) {
            TopicPartition notices = new TopicPartition(noticesTopic, 0);
            consumer.assign(List.of(notices));
            consumer.seekToEnd(List.of(notices));
            consumer.position(notices);
            long began = System.nanoTime();
            for (int number = 0; number < count; number++) {
                due[number] = began + TimeUnit.SECONDS.toNanos(1) * number / perSecond;
                told += takeUntil(due[number], consumer, awaited, due, nanos);
                String instance = RecordLoad.id(first + number);
                awaited.put(instance, number);
                send(producer, instance, "over-" + instance, THRESHOLD);
                for (int other = 0; other < BACKGROUND_A_SECOND / perSecond; other++) {
                    int any = first + count + random.nextInt(instances - first - count);
                    send(producer, RecordLoad.id(any), "little-" + first + "-" + background++, 1);
                }
                progress.at(told);
            }
            long end = System.nanoTime() + LONGEST.toNanos();
            while (told < count && System.nanoTime() < end) {
                told += takeUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50), consumer, awaited, due, nanos);
                progress.at(told);
            }
        }
        awaited.values().forEach(number -> nanos[number] = LONGEST.toNanos());
        return new Measured(nanos, Map.of("told", (long) told));
    }

    /** Takes the notices that come until a moment; how many of them were awaited. */
    private static int takeUntil(
            long until, Consumer<String, byte[]> consumer, Map<String, Integer> awaited, long[] due, long[] nanos) {
        int taken = 0;
        do {
            long left = Math.max(0, until - System.nanoTime());
            for (var notice : consumer.poll(Duration.ofNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(20))))) {
                boolean isOfThreshold = new String(notice.value(), UTF_8).contains("threshold.reached");
                Integer number = isOfThreshold ? awaited.remove(notice.key()) : null;
                if (number != null) {
                    nanos[number] = System.nanoTime() - due[number];
                    taken++;
                }
            }
        } while (System.nanoTime() < until - TimeUnit.MILLISECONDS.toNanos(1));
        LockSupport.parkNanos(Math.max(0, until - System.nanoTime()));
        return taken;
    }

    private void send(Producer<String, byte[]> producer, String instance, String id, int amount) {
        Instant now = businessTime.get();
        String event =
                """
                {"specversion":"1.0","id":"%s","source":"bench","type":"bench.usage","subject":"%s","time":"%s","data":{"amount":"%d"}}"""
                        .formatted(id, instance, now, amount);
        var unused = producer.send(
                new ProducerRecord<>(usageTopic, null, now.toEpochMilli(), instance, event.getBytes(UTF_8)));
    }

    private Properties producerSettings() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("acks", "all");
        settings.put("linger.ms", "0");
        settings.put("key.serializer", StringSerializer.class.getName());
        settings.put("value.serializer", ByteArraySerializer.class.getName());
        return settings;
    }

    private Properties consumerSettings() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        settings.put("key.deserializer", StringDeserializer.class.getName());
        settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
        return settings;
    }
}
