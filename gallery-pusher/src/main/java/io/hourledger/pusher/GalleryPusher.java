package io.hourledger.pusher;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.ledger.LedgerConfiguration;
import io.hourledger.ledger.LedgerSchema;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.pusher.callback.CallbackConfiguration;
import io.hourledger.pusher.push.PushConfiguration;
import java.io.IOException;
import javax.sql.DataSource;
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
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Speaks KooGallery: pushes usage records, takes lifecycle calls. Needs the ledger's PostgreSQL. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties({
    PusherSettings.class,
    HouseSettings.class,
    OutsideSettings.class,
    OutsideSettings.Brokers.class
})
@Import({
    BusinessClock.class,
    LedgerConfiguration.class,
    GalleryConfiguration.class,
    OutsideSettings.BookConfiguration.class,
    PushConfiguration.class,
    CallbackConfiguration.class,
    OperatorEndpoint.class,
    PushHealth.class
})
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
public class GalleryPusher {

    /** Reads {@code gallery-pusher.yaml}; whoever starts the service adds settings or beans before it runs. */
    public static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(GalleryPusher.class)
                .web(WebApplicationType.SERVLET)
                .properties("spring.config.name=gallery-pusher");
    }

    public static void main(String[] arguments) {
        application().run(arguments);
    }

    @Bean
    Catalogue catalogue(HouseSettings settings) throws IOException {
        return CatalogueFile.read(settings.catalogueFile());
    }

    /** The first that touches the database, so that all others find their tables. */
    @Bean
    JdbcClient jdbcClient(DataSource dataSource) {
        LedgerSchema.migrate(dataSource);
        PusherSchema.migrate(dataSource);
        return JdbcClient.create(dataSource);
    }

    @Bean
    TransactionTemplate transactionTemplate(PlatformTransactionManager transactions) {
        return new TransactionTemplate(transactions);
    }

    /** The ledger's projections run here, and in no other service. */
    @Bean
    ProjectionsRun projectionsRun(LedgerProjections projections, JdbcClient tablesAreThere) {
        return new ProjectionsRun(projections);
    }

    /** Follows the ledger for as long as the service runs. */
    static final class ProjectionsRun implements SmartLifecycle {

        private final LedgerProjections projections;
        private volatile boolean running;

        ProjectionsRun(LedgerProjections projections) {
            this.projections = projections;
        }

        @Override
        public void start() {
            projections.start();
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            projections.close();
        }

        /** False at first: Spring starts only what does not run. */
        @Override
        public boolean isRunning() {
            return running;
        }
    }
}
