package io.hourledger.aggregator;

import io.hourledger.aggregator.closing.RealHourLedger;
import io.hourledger.aggregator.packages.PackageWatch;
import io.hourledger.aggregator.packages.PrepaidInstances;
import io.hourledger.aggregator.page.PageConfiguration;
import io.hourledger.aggregator.page.PageConfiguration.OperatorToken;
import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.AggregatorSettings;
import io.hourledger.aggregator.run.Automations;
import io.hourledger.aggregator.run.KafkaSettings;
import io.hourledger.aggregator.run.SealSettings;
import io.hourledger.aggregator.run.Sealing;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.ledger.Ledger;
import io.hourledger.ledger.LedgerConfiguration;
import io.hourledger.ledger.LedgerQueries;
import io.hourledger.ledger.LedgerSchema;
import io.hourledger.ledger.LedgerSettings;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jackson.JacksonEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.jvm.JvmMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.system.SystemMetricsAutoConfiguration;
import org.springframework.boot.servlet.autoconfigure.actuate.web.ServletManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.actuate.endpoint.web.WebMvcHealthEndpointExtensionAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.Resource;

/** Reads usage events from Kafka, counts each once, and enters closed hours in the ledger. Needs Kafka and PostgreSQL. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties({
    BillingAggregator.HouseSettings.class,
    AggregatorSettings.class,
    KafkaSettings.class,
    SealSettings.class
})
@Import({BusinessClock.class, LedgerConfiguration.class, PageConfiguration.class})
@ImportAutoConfiguration({
    // a list and not the class path: other services may be on it, and what they need must not start here
    ApplicationAvailabilityAutoConfiguration.class,
    ConfigurationPropertiesAutoConfiguration.class,
    LifecycleAutoConfiguration.class,
    PropertyPlaceholderAutoConfiguration.class,
    JacksonAutoConfiguration.class,
    HttpMessageConvertersAutoConfiguration.class,
    TomcatServletWebServerAutoConfiguration.class,
    DispatcherServletAutoConfiguration.class,
    WebMvcAutoConfiguration.class,
    ErrorMvcAutoConfiguration.class,
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    DataSourceHealthContributorAutoConfiguration.class,
    EndpointAutoConfiguration.class,
    JacksonEndpointAutoConfiguration.class,
    WebEndpointAutoConfiguration.class,
    ManagementContextAutoConfiguration.class,
    ServletManagementContextAutoConfiguration.class,
    AvailabilityProbesAutoConfiguration.class,
    HealthEndpointAutoConfiguration.class,
    HealthContributorAutoConfiguration.class,
    HealthContributorRegistryAutoConfiguration.class,
    WebMvcHealthEndpointExtensionAutoConfiguration.class,
    MetricsAutoConfiguration.class,
    CompositeMeterRegistryAutoConfiguration.class,
    PrometheusMetricsExportAutoConfiguration.class,
    JvmMetricsAutoConfiguration.class,
    SystemMetricsAutoConfiguration.class
})
public class BillingAggregator {

    /** Reads {@code billing-aggregator.yaml}; whoever starts the service adds settings or beans before it runs. */
    public static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(BillingAggregator.class)
                .web(WebApplicationType.SERVLET)
                .properties("spring.config.name=billing-aggregator");
    }

    public static void main(String[] arguments) {
        application().run(arguments);
    }

    @Bean
    Catalogue catalogue(HouseSettings settings) throws IOException {
        Resource catalogue = settings.catalogue();
        if (catalogue == null || !catalogue.exists()) {
            throw new IllegalArgumentException(
                    "hourledger.catalogue must be the place of the catalogue's JSON file, such"
                            + " as file:/etc/hourledger/catalogue.json, and there is nothing at " + catalogue);
        }
        return CatalogueFile.read(catalogue.getContentAsByteArray());
    }

    @Bean
    OperatorToken operatorToken(HouseSettings settings) {
        String token = settings.operatorToken();
        return new OperatorToken(token == null ? "" : token);
    }

    @Bean
    Aggregator.Parts aggregatorParts(
            AggregatorSettings settings,
            KafkaSettings kafka,
            Catalogue catalogue,
            Clock clock,
            DataSource database,
            Ledger ledger,
            LedgerQueries queries,
            MeterRegistry metrics) {
        LedgerSchema.migrate(database);
        AggregatorSchema.migrate(database);
        return new Aggregator.Parts(
                settings, kafka, catalogue, clock, database, new RealHourLedger(ledger, queries), metrics);
    }

    @Bean
    PackageWatch packageWatch(Aggregator.Parts parts, Ledger ledger, LedgerQueries queries) {
        return new PackageWatch(
                new PrepaidInstances(parts.database()), ledger, queries, parts.catalogue(), parts.clock());
    }

    @Bean(destroyMethod = "close")
    Aggregator aggregator(Aggregator.Parts parts, PackageWatch watch) {
        return Aggregator.start(parts, watch::kept);
    }

    @Bean(destroyMethod = "close")
    Automations automations(
            Aggregator.Parts parts,
            Aggregator aggregator,
            PackageWatch watch,
            PostgresLedgerFeed feed,
            Ledger ledger,
            LedgerQueries queries) {
        return Automations.start(parts, aggregator, watch, feed, ledger, queries);
    }

    /** After the aggregator, which has waited for Kafka. */
    @Bean(destroyMethod = "close")
    @DependsOn("aggregator")
    Sealing sealing(Aggregator.Parts parts, SealSettings settings, PostgresLedgerFeed feed, LedgerSettings ledger) {
        return Sealing.start(parts, settings, feed, ledger.digestKey());
    }

    /**
     * What all services of the house are told alike.
     *
     * @param catalogue where the meters and products are, as JSON
     * @param operatorToken the bearer token of the operator's pages
     */
    @ConfigurationProperties("hourledger")
    record HouseSettings(@Nullable Resource catalogue, @Nullable String operatorToken) {}
}
