package io.hourledger.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.access.ToldKeysFile;
import io.hourledger.embedded.TestBroker;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The topic on which ingest is told of keys, as the aggregator writes it. */
public final class KeysTopic {

    private final String topic;

    private KeysTopic(String topic) {
        this.topic = topic;
    }

    public static KeysTopic make(String usageTopic) throws Exception {
        KeysTopic made = new KeysTopic(ToldKeys.topicOf(usageTopic));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            admin.createTopics(List.of(
                            new NewTopic(made.topic, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
        }
        return made;
    }

    public void tell(ToldKeys keys) throws Exception {
        tell(ToldKeysFile.write(keys));
    }

    public void tell(byte[] record) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", TestBroker.bootstrapServers(), "acks", "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, "keys".getBytes(UTF_8), record))
                    .get();
        }
    }
}
