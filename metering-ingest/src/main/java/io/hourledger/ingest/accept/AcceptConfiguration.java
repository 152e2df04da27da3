package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.UsageChecks.Takes;
import io.hourledger.service.RequestBodies;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Puts accepting together; needs an {@link EventReaderSource}, an {@link ApiKeySource}, {@link AccessTokens}, a {@link UsageLog} and a business
 * {@link Clock}.
 */
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
        return intakeOf(Takes.USAGE, settings, readers, log, clock);
    }

    @Bean
    UsageIntake amendmentIntake(AcceptSettings settings, EventReaderSource readers, UsageLog log, Clock clock) {
        return intakeOf(Takes.AMENDMENTS, settings, readers, log, clock);
    }

    private static UsageIntake intakeOf(
            Takes takes, AcceptSettings settings, EventReaderSource readers, UsageLog log, Clock clock) {
        return new UsageIntake(new UsageChecks(readers, takes, settings.maxAge(), settings.maxAhead()), log, clock);
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
            @Qualifier("usageIntake") UsageIntake intake,
            @Qualifier("amendmentIntake") UsageIntake amendments,
            IngestMetrics metrics) {
        return new Exchanges(settings, body, bodies, admission, rates, new Intakes(intake, amendments), metrics);
    }

    @Bean
    ServletRegistrationBean<UsageEventsServlet> usageEventsServlet(
            ApiKeys apiKeys, AccessTokens tokens, Admission admission, KeyRates rates, Exchanges exchanges) {
        ServletRegistrationBean<UsageEventsServlet> servlet = new ServletRegistrationBean<>(
                new UsageEventsServlet(apiKeys, tokens, admission, rates, exchanges),
                UsageEventsServlet.PATH,
                UsageEventsServlet.CHECK_PATH,
                UsageEventsServlet.AMEND_PATH);
        servlet.setAsyncSupported(true);
        return servlet;
    }
}
