package io.hourledger.ingest.kafka;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ingest.accept.AcceptSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The log on Kafka; it is there only when the topic was found fit. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({IngestKafkaSettings.class, TopicCheckSettings.class})
public class KafkaConfiguration {

    @Bean
    TopicAdmin topicAdmin(IngestKafkaSettings settings) {
        return TopicAdmin.connect(settings);
    }

    @Bean
    TopicWatch topicWatch(
            TopicAdmin admin,
            IngestKafkaSettings settings,
            TopicCheckSettings check,
            AcceptSettings accept,
            MeterRegistry registry) {
        new TopicInitializer(admin, settings, accept.maxAge()).requireSafeTopic();
        TopicWatch watch = TopicWatch.start(admin, settings, accept.maxAge(), check);
        Gauge.builder("usage.log.rules.broken", watch, watching -> watching.broken()
                        .size())
                .description("rules that the topic breaks; above zero no event is taken")
                .register(registry);
        return watch;
    }

    @Bean
    KafkaCatalogueReader kafkaCatalogueReader(
            TopicWatch afterTheTopic,
            IngestKafkaSettings settings,
            AcceptSettings accept,
            Catalogue file,
            MeterRegistry registry) {
        KafkaCatalogueReader reader = KafkaCatalogueReader.start(settings, file, accept.maxAge());
        Gauge.builder("usage.catalogue.version", reader, KafkaCatalogueReader::newestVersion)
                .description("newest version of the catalogue that is known")
                .register(registry);
        return reader;
    }

    @Bean
    KafkaApiKeyReader kafkaApiKeyReader(
            TopicWatch afterTheTopic, IngestKafkaSettings settings, MeterRegistry registry) {
        KafkaApiKeyReader reader = KafkaApiKeyReader.start(settings, Clock.systemUTC());
        Gauge.builder("usage.api.keys", reader, KafkaApiKeyReader::count)
                .description("API keys that are known beside those of the settings")
                .register(registry);
        Gauge.builder("usage.api.keys.age", reader, KafkaApiKeyReader::secondsSinceTold)
                .description("time since the API keys that are known were told; the aggregator tells them every minute")
                .baseUnit("seconds")
                .register(registry);
        return reader;
    }

    @Bean
    SendResults sendResults() {
        return new SendResults(System::nanoTime);
    }

    @Bean
    KafkaUsageLog kafkaUsageLog(
            TopicWatch watch, SendResults results, IngestKafkaSettings settings, MeterRegistry registry) {
        KafkaUsageLog log = KafkaUsageLog.connect(settings, watch::broken, results);
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
    KafkaHealth kafkaHealthIndicator(
            TopicAdmin admin,
            TopicWatch watch,
            SendResults results,
            KafkaApiKeyReader keys,
            IngestKafkaSettings settings) {
        return new KafkaHealth(admin, watch, results, keys, settings);
    }
}
