package io.hourledger.aggregator.consumer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.jspecify.annotations.Nullable;

/** A consumer that shows Kafka's own figures of it for as long as it is open. */
final class MeteredConsumer extends KafkaConsumer<ByteBuffer, ByteBuffer> {

    private @Nullable KafkaClientMetrics figures;

    private MeteredConsumer(Map<String, Object> clientSettings) {
        super(clientSettings, new ByteBufferDeserializer(), new ByteBufferDeserializer());
    }

    /**
     * @param clientSettings by Kafka's own names, without deserializers
     */
    static MeteredConsumer connect(Map<String, Object> clientSettings, MeterRegistry registry) {
        MeteredConsumer consumer = new MeteredConsumer(clientSettings);
        KafkaClientMetrics figures = new KafkaClientMetrics(consumer);
        figures.bindTo(registry);
        consumer.figures = figures;
        return consumer;
    }

    @Override
    public void close() {
        KafkaClientMetrics shown = figures;
        if (shown != null) {
            // takes them out of the registry: a consumer in this one's place shows its own
            shown.close();
        }
        super.close();
    }
}
