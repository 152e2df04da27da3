package io.hourledger.chaos;

import io.hourledger.chaos.ExpectedTotals.Told;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * An app that writes its events to the log itself, in transactions, past every check of ingest.
 *
 * <p>Each transaction has events that must be billed, records that cannot be counted, and usage of instances that nobody opens. One of four is
 * aborted: half of its events are written again under the same ids, and the other half must never be seen. Whatever a broken transaction
 * leaves open is written again, under the same ids, until one is committed.
 */
final class DirectSender implements AutoCloseable {

    /** Of a transaction. */
    private static final int COUNTABLE = 20;

    private static final int ABORTED_OF = 4;
    private static final int UNOPENED_INSTANCES = 40;
    private static final Duration BETWEEN = Duration.ofMillis(250);
    private static final Duration BACK_OFF = Duration.ofSeconds(1);
    private static final Duration STOPS_WITHIN = Duration.ofSeconds(5);

    /** Beyond what the aggregator accepts, either way. */
    private static final Duration FAR_AHEAD = Duration.ofHours(6);

    private static final Duration FAR_BEHIND = Duration.ofDays(30);
    private static final Instant YEAR_10000 = Instant.parse("+10000-01-01T00:00:00Z");

    private final LoadEvents events;
    private final ExpectedTotals truth;
    private final ExpectedUncounted uncounted;
    private final LongSupplier numbers;
    private final Clock business;
    private final String bootstrapServers;
    private final Random random;
    private final Thread thread = new Thread(this::run, "direct-sender");
    private @Nullable KafkaProducer<byte[], byte[]> producer;
    private long nextUncountable;
    private volatile boolean on = true;
    private final AtomicLong aborted = new AtomicLong();

    /**
     * @param numbers the next number of an event that nobody has told yet
     */
    DirectSender(
            LoadEvents events,
            ExpectedTotals truth,
            ExpectedUncounted uncounted,
            LongSupplier numbers,
            Clock business,
            String bootstrapServers,
            long seed) {
        this.events = events;
        this.truth = truth;
        this.uncounted = uncounted;
        this.numbers = numbers;
        this.business = business;
        this.bootstrapServers = bootstrapServers;
        this.random = new Random(seed * 37);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** No new event is written; what a broken transaction left open goes on until it is committed. */
    void tellNothingNew() {
        on = false;
    }

    /** Waits until all that was written is committed; returns whether it was, in time. */
    boolean awaitAcknowledged(Duration atMost) throws InterruptedException {
        thread.join(atMost);
        return !thread.isAlive();
    }

    /** Transactions that were aborted on purpose. */
    long aborted() {
        return aborted.get();
    }

    /** One record and what is known once the log has it. */
    private record Sent(ProducerRecord<byte[], byte[]> record, Runnable acknowledged) {}

    private void run() {
        List<Sent> again = List.of();
        try {
            while (on || !again.isEmpty()) {
                try {
                    again = write(open(), again);
                } catch (InterruptException stopped) {
                    throw stopped;
                } catch (KafkaException notYet) {
                    closeProducer();
                }
                Elapsed.pause(producer == null ? BACK_OFF : BETWEEN);
            }
        } catch (InterruptedException | InterruptException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            closeProducer();
        }
    }

    /** Returns what must be written again. */
    @SuppressWarnings("FutureReturnValueIgnored") // the commit fails when one of them did
    private List<Sent> write(KafkaProducer<byte[], byte[]> open, List<Sent> again) {
        List<Sent> all = new ArrayList<>(again);
        if (on) {
            all.addAll(fresh(open.partitionsFor(LoadEvents.TOPIC).size()));
        }
        try {
            open.beginTransaction();
            for (Sent one : all) {
                open.send(one.record());
            }
            if (on && random.nextInt(ABORTED_OF) == 0) {
                open.flush();
                open.abortTransaction();
                aborted.incrementAndGet();
                return all.subList(0, all.size() / 2);
            }
            open.commitTransaction();
            all.forEach(one -> one.acknowledged().run());
            return List.of();
        } catch (InterruptException stopped) {
            throw stopped;
        } catch (KafkaException broken) {
            // whether it was committed is not known; a new producer of the same name ends what it left open
            closeProducer();
            return all;
        }
    }

    private KafkaProducer<byte[], byte[]> open() {
        KafkaProducer<byte[], byte[]> now = producer;
        if (now == null) {
            Map<String, Object> settings = new HashMap<>();
            settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
            settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "chaos-direct-sender");
            settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
            settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
            settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4_000);
            settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 8_000);
            now = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
            producer = now;
            now.initTransactions();
        }
        return now;
    }

    private void closeProducer() {
        KafkaProducer<byte[], byte[]> now = producer;
        producer = null;
        if (now != null) {
            now.close(Duration.ZERO);
        }
    }

    private List<Sent> fresh(int partitions) {
        Instant now = business.instant().truncatedTo(ChronoUnit.MILLIS);
        List<Sent> all = new ArrayList<>();
        for (int i = 0; i < COUNTABLE; i++) {
            long number = numbers.getAsLong();
            Instant time = events.timeOf(number, now);
            all.add(new Sent(
                    record(events.subjectOf(number), json(number, time), now), () -> truth.acknowledge(number, time)));
        }
        UncountableKind[] kinds = UncountableKind.values();
        all.add(uncountable(kinds[random.nextInt(kinds.length)], now, partitions));
        Sent conflict = conflict(now);
        if (conflict != null) {
            all.add(conflict);
        }
        all.add(waiting(now));
        return all;
    }

    private Sent uncountable(UncountableKind kind, Instant now, int partitions) {
        String id = "uncountable-" + nextUncountable++;
        String subject = events.subjectOf(nextUncountable);
        Instant time =
                switch (kind) {
                    case FAR_AHEAD -> now.plus(FAR_AHEAD);
                    case FAR_BEHIND -> now.minus(FAR_BEHIND);
                    case CUT_OFF, ABSURD_TIMESTAMP, OTHER_KEY, OTHER_PARTITION -> now;
                };
        String json = events.call(id, subject, time);
        byte[] key = bytes(subject);
        int partition = Utils.toPositive(Utils.murmur2(key)) % partitions;
        ProducerRecord<byte[], byte[]> record =
                switch (kind) {
                    case CUT_OFF -> record(subject, json.substring(0, json.length() - 3), now);
                    case ABSURD_TIMESTAMP -> record(subject, json, YEAR_10000);
                    case FAR_AHEAD, FAR_BEHIND -> record(subject, json, now);
                    case OTHER_KEY ->
                        new ProducerRecord<>(
                                LoadEvents.TOPIC, partition, now.toEpochMilli(), bytes("another"), bytes(json));
                    case OTHER_PARTITION ->
                        new ProducerRecord<>(
                                LoadEvents.TOPIC, (partition + 1) % partitions, now.toEpochMilli(), key, bytes(json));
                };
        return quarantined(id, kind.reason(), record);
    }

    /** An event that is in the log already, and counts, with another amount under its id, or with a region that no filter takes. */
    private @Nullable Sent conflict(Instant now) {
        Told known = truth.drawAgain(random, now.minus(Duration.ofHours(2)), 2_000);
        if (known == null
                || !events.meterOf(known.number()).readsAmounts()
                || events.regionOf(known.number()) != Region.EU) {
            return null;
        }
        StringBuilder json = new StringBuilder();
        long amount = events.amountOf(known.number());
        if (events.meterOf(known.number()) == LoadMeter.HITS) {
            events.append(json, known.number(), known.time(), amount, Region.AP);
        } else {
            events.append(json, known.number(), known.time(), amount + 1, Region.EU);
        }
        return quarantined(
                LoadEvents.idOf(known.number()),
                "conflict",
                record(events.subjectOf(known.number()), json.toString(), now));
    }

    private Sent quarantined(String id, String reason, ProducerRecord<byte[], byte[]> record) {
        uncounted.attempt(id, reason);
        return new Sent(record, () -> uncounted.acknowledge(id));
    }

    private Sent waiting(Instant now) {
        String subject = "unopened-" + random.nextInt(UNOPENED_INSTANCES);
        return new Sent(
                record(subject, events.call("waiting-" + nextUncountable++, subject, now), now),
                () -> uncounted.acknowledgeWaiting(subject, UsageHour.of(now), BigDecimal.ONE));
    }

    private String json(long number, Instant time) {
        StringBuilder json = new StringBuilder();
        events.append(json, number, time);
        return json.toString();
    }

    private static ProducerRecord<byte[], byte[]> record(String key, String json, Instant timestamp) {
        return new ProducerRecord<>(LoadEvents.TOPIC, null, timestamp.toEpochMilli(), bytes(key), bytes(json));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        on = false;
        thread.interrupt();
        try {
            thread.join(STOPS_WITHIN);
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }
}
