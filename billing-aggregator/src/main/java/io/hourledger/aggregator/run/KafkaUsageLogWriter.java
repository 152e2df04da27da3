package io.hourledger.aggregator.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.quarantine.LogPlace;
import io.hourledger.aggregator.quarantine.UsageLogWriter;
import io.hourledger.aggregator.recount.HourRecount;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Appends to the usage log, and returns when all in-sync replicas have the record. */
public final class KafkaUsageLogWriter implements UsageLogWriter, AutoCloseable {

    private static final String HEADER = "hourledger-resent-";
    private static final int DELIVERY_TIMEOUT_MILLIS = 30_000;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;

    public KafkaUsageLogWriter(HourRecount.Log log) {
        Map<String, Object> own = new HashMap<>(log.clientSettings());
        own.keySet().retainAll(ProducerConfig.configNames());
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        own.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MILLIS);
        own.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MILLIS / 3);
        own.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        this.producer = new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer());
        this.topic = log.topic();
    }

    @Override
    public LogPlace append(Resent resent) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic, resent.partition(), resent.recordedAt().toEpochMilli(), resent.key(), resent.value());
        record.headers()
                .add(HEADER + "from", resent.origin().toString().getBytes(UTF_8))
                .add(HEADER + "by", resent.by().who().getBytes(UTF_8))
                .add(HEADER + "why", resent.by().why().getBytes(UTF_8));
        return send(
                record,
                "the event of " + resent.origin() + "; it may be in the log all the same: resend it, it counts once");
    }

    /**
     * Appends an event that says itself who sent it and why.
     *
     * @param recordedAt business time
     * @throws StoreUnavailableException if it may or may not have been appended
     */
    public LogPlace append(int partition, byte[] key, byte[] value, Instant recordedAt) {
        return send(
                new ProducerRecord<>(topic, partition, recordedAt.toEpochMilli(), key, value),
                "the event; it may be in the log all the same, and the same command can be given again");
    }

    private LogPlace send(ProducerRecord<byte[], byte[]> record, String what) {
        try {
            RecordMetadata acknowledged = producer.send(record).get();
            return new LogPlace(acknowledged.partition(), acknowledged.offset());
        } catch (ExecutionException | KafkaException notAcknowledged) {
            throw new StoreUnavailableException("Kafka did not acknowledge " + what, notAcknowledged);
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
