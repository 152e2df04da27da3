package io.hourledger.ingest.kafka;

import io.hourledger.ingest.accept.AcceptSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The log on Kafka; it is there only when the topic was found fit. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(KafkaSettings.class)
public class KafkaConfiguration {

    @Bean
    TopicKeeper topicKeeper(KafkaSettings settings, AcceptSettings accept) {
        return TopicKeeper.connect(settings, accept.maxAge());
    }

    @Bean
    KafkaUsageLog kafkaUsageLog(TopicKeeper topic, KafkaSettings settings, MeterRegistry registry) {
        topic.requireSafeTopic();
        KafkaUsageLog log = KafkaUsageLog.connect(settings);
        Gauge.builder("usage.log.buffer.free", log, KafkaUsageLog::freeBufferBytes)
                .description("room left for events on their way to Kafka")
                .baseUnit("bytes")
                .register(registry);
        return log;
    }

    @Bean
    KafkaHealth kafkaHealthIndicator(TopicKeeper topic, KafkaSettings settings) {
        return new KafkaHealth(topic, settings);
    }
}
