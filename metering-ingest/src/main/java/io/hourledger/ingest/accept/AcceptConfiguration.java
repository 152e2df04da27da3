package io.hourledger.ingest.accept;

import io.hourledger.service.RequestBodies;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Puts accepting together; needs an {@link EventReaderSource}, an {@link ApiKeySource}, a {@link UsageLog} and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AcceptSettings.class, BodySettings.class})
@Import({ApiDocuments.class, Problems.class})
public class AcceptConfiguration {

    @Bean
    ApiKeys apiKeys(AcceptSettings settings, ApiKeySource told) {
        return new ApiKeys(settings.apiKeys(), told);
    }

    @Bean
    KeyRates keyRates() {
        return new KeyRates(System::nanoTime);
    }

    @Bean
    Admission admission(AcceptSettings settings) {
        return new Admission(
                settings.maxRequestsInFlight(),
                Math.toIntExact(settings.maxBytesInFlight().toBytes()));
    }

    @Bean
    UsageIntake usageIntake(AcceptSettings settings, EventReaderSource readers, UsageLog log, Clock clock) {
        UsageChecks checks = new UsageChecks(readers, settings.maxAge(), settings.maxAhead());
        return new UsageIntake(checks, log, clock);
    }

    @Bean
    IngestMetrics ingestMetrics(MeterRegistry registry, Admission admission) {
        return new IngestMetrics(registry, admission);
    }

    @Bean
    Exchanges exchanges(
            AcceptSettings settings,
            BodySettings body,
            RequestBodies bodies,
            Admission admission,
            KeyRates rates,
            UsageIntake intake,
            IngestMetrics metrics) {
        return new Exchanges(settings, body, bodies, admission, rates, intake, metrics);
    }

    @Bean
    ServletRegistrationBean<UsageEventsServlet> usageEventsServlet(
            ApiKeys apiKeys, Admission admission, KeyRates rates, Exchanges exchanges) {
        ServletRegistrationBean<UsageEventsServlet> servlet = new ServletRegistrationBean<>(
                new UsageEventsServlet(apiKeys, admission, rates, exchanges),
                UsageEventsServlet.PATH,
                UsageEventsServlet.CHECK_PATH);
        servlet.setAsyncSupported(true);
        return servlet;
    }
}
