package io.hourledger.simulator;

import io.hourledger.service.OperatorPages;
import io.hourledger.service.RequiredSettings;
import io.hourledger.service.ServiceApplication;
import io.hourledger.service.ServiceDefaults;
import io.hourledger.service.UsesDatabase;
import io.hourledger.simulator.settings.SimulatorSettings;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The simulator as a service of its own. */
@ServiceDefaults
@UsesDatabase
@ComponentScan
@EnableConfigurationProperties(SimulatorSettings.class)
@ImportAutoConfiguration(ValidationAutoConfiguration.class)
public class GallerySimulator {

    public static void main(String[] arguments) {
        application().run(arguments);
    }

    /** The service, ready to be given properties and run; several services can run in one JVM. */
    public static SpringApplicationBuilder application() {
        return ServiceApplication.of(GallerySimulator.class, "gallery-simulator", "simulator");
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
    FilterRegistrationBean<?> operatorOnly(RequiredSettings stack) {
        return OperatorPages.closed(stack, "/sim/*");
    }
}
