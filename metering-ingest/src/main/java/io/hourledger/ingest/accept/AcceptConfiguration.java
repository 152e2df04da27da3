package io.hourledger.ingest.accept;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.UsageEventReader;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Puts accepting together; needs a {@link Catalogue}, a {@link UsageLog} and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AcceptSettings.class, BodySettings.class})
@Import({UsageEndpoint.class, Problems.class})
public class AcceptConfiguration {

    @Bean
    ApiKeys apiKeys(AcceptSettings settings) {
        return new ApiKeys(settings.apiKeys());
    }

    @Bean
    Admission admission(AcceptSettings settings) {
        return new Admission(
                settings.maxRequestsInFlight(),
                Math.toIntExact(settings.maxBytesInFlight().toBytes()));
    }

    @Bean
    UsageIntake usageIntake(AcceptSettings settings, Catalogue catalogue, UsageLog log, Clock clock) {
        UsageChecks checks = new UsageChecks(new UsageEventReader(catalogue), settings.maxAge(), settings.maxAhead());
        return new UsageIntake(checks, log, clock);
    }

    @Bean
    Answers answers(AcceptSettings settings) {
        return new Answers(UsageEndpoint.retryAfterSeconds(settings.retryAfter()));
    }

    @Bean
    IngestMetrics ingestMetrics(MeterRegistry registry, Admission admission) {
        return new IngestMetrics(registry, admission);
    }
}
