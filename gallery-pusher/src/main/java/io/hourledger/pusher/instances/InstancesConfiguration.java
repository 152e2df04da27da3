package io.hourledger.pusher.instances;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.appinfo.AppInfos;
import io.hourledger.pusher.order.PackageInstances;
import io.hourledger.pusher.order.RequestedInstances;
import io.hourledger.pusher.order.UnopenedInstances;
import io.hourledger.service.RequestBodies;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts the apps' requests together; needs the ledger, {@link AppInfos}, a catalogue and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(InstancesSettings.class)
@Import(InstanceProblems.class)
public class InstancesConfiguration {

    @Bean
    InstancesEndpoint instancesEndpoint(
            InstancesSettings settings, InstancesEndpoint.Reading reading, AppInfos appInfos, RequestBodies bodies) {
        UsageTokens tokens = new UsageTokens(settings.tokenSecret(), settings.previousTokenSecret(), Clock.systemUTC());
        return new InstancesEndpoint(
                new Callers(new AppKeys(settings.apiKeys()), tokens),
                reading,
                tokens,
                new InstancesEndpoint.Writing(appInfos, bodies),
                new RequestRoom(settings.maxRequestsInFlight()));
    }

    @Bean
    OperatorInstancesEndpoint operatorInstancesEndpoint(
            InstancesEndpoint.Reading reading,
            UnopenedInstances unopened,
            Ledger ledger,
            Catalogue catalogue,
            RequestedInstances requests,
            PackageInstances packages,
            Clock businessTime) {
        return new OperatorInstancesEndpoint(
                reading, unopened, new UnsoldInstances(ledger, catalogue, requests, packages, businessTime));
    }

    /**
     * @param tablesAreThere so that they are
     */
    @Bean
    InstancesEndpoint.Reading instancesReading(
            DataSource database,
            LedgerQueries queries,
            PackageInstances packages,
            AppInfos appInfos,
            Catalogue catalogue,
            Clock businessTime,
            JdbcClient tablesAreThere) {
        return new InstancesEndpoint.Reading(
                new VisibleInstances(queries, packages),
                new InstancePages(database, queries),
                new InstanceAnswer(appInfos),
                new InstanceUsage(
                        database, new ClosedHourPages(database), new OpenHours(database), catalogue, businessTime));
    }

    @Bean
    FilterRegistrationBean<?> pageOrigins(InstancesSettings settings) {
        FilterRegistrationBean<PageOrigins> filter =
                new FilterRegistrationBean<>(new PageOrigins(settings.allowedOrigins()));
        filter.addUrlPatterns("/v1/instances/*");
        return filter;
    }
}
