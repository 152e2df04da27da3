package io.hourledger.simulator;

import java.time.Clock;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The simulator as a service of its own. */
@SpringBootConfiguration(proxyBeanMethods = false)
@ComponentScan
@EnableConfigurationProperties({SimulatorSettings.class, HouseSettings.class})
@ImportAutoConfiguration({
    org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration.class,
    org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration.class,
    org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration.class,
    org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration.class,
    org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration.class,
    org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration.class,
    org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration.class,
    org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration.class,
    org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration.class,
    org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration.class,
    org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration.class,
    org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration.class,
    org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration.class,
    org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration.class,
    org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration.class,
    org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration.class,
    org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration.class,
    org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration.class,
    org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration.class,
    org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration.class,
    org.springframework.boot.actuate.autoconfigure.endpoint.jackson.JacksonEndpointAutoConfiguration.class,
    org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration.class,
    org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration.class,
    org.springframework.boot.servlet.autoconfigure.actuate.web.ServletManagementContextAutoConfiguration.class,
    org.springframework.boot.webmvc.autoconfigure.actuate.endpoint.web.WebMvcHealthEndpointExtensionAutoConfiguration
            .class
})
public class GallerySimulator {

    public static void main(String[] arguments) {
        application().run(arguments);
    }

    /** The service, ready to be given properties and run; several services can run in one JVM. */
    public static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(GallerySimulator.class)
                .web(WebApplicationType.SERVLET)
                .properties(Map.of("spring.config.name", "gallery-simulator", "spring.jmx.enabled", "false"));
    }

    @Bean
    @ConditionalOnMissingBean
    Clock businessClock(HouseSettings house) {
        return house.businessClock();
    }

    @Bean
    JdbcClient jdbcClient(DataSource database) {
        GallerySchema.migrate(database);
        return JdbcClient.create(database);
    }

    @Bean
    TransactionTemplate transactionTemplate(PlatformTransactionManager transactions) {
        return new TransactionTemplate(transactions);
    }

    @Bean
    FilterRegistrationBean<OperatorOnly> operatorOnly(HouseSettings house) {
        FilterRegistrationBean<OperatorOnly> filter =
                new FilterRegistrationBean<>(new OperatorOnly(house.operatorToken()));
        filter.addUrlPatterns("/sim/*");
        return filter;
    }
}
