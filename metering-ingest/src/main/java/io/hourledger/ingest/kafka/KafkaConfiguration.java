package io.hourledger.ingest.kafka;

import io.hourledger.ingest.accept.AcceptSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The log on Kafka; it is there only when the topic was found fit. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(IngestKafkaSettings.class)
public class KafkaConfiguration {

    @Bean
    TopicInitializer topicInitializer(IngestKafkaSettings settings, AcceptSettings accept) {
        return TopicInitializer.connect(settings, accept.maxAge());
    }

    @Bean
    KafkaUsageLog kafkaUsageLog(TopicInitializer topic, IngestKafkaSettings settings, MeterRegistry registry) {
        topic.requireSafeTopic();
        KafkaUsageLog log = KafkaUsageLog.connect(settings);
        Gauge.builder("usage.log.buffer.free", log, KafkaUsageLog::freeBufferBytes)
                .description("room left for events on their way to Kafka")
                .baseUnit("bytes")
                .register(registry);
        return log;
    }

    @Bean(destroyMethod = "close")
    KafkaClientMetrics kafkaClientMetrics(KafkaUsageLog log) {
        return log.clientMetrics();
    }

    @Bean
    KafkaHealth kafkaHealthIndicator(TopicInitializer topic, IngestKafkaSettings settings) {
        return new KafkaHealth(topic, settings);
    }
}
