package io.hourledger.service;

import io.micrometer.core.instrument.MeterRegistry;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The service keeps what it knows in PostgreSQL: {@code spring.datasource.*}, transactions, and the database's health with its own. Its clock
 * is compared with the database's, and a request that needs the database while it is away is answered with 503.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    DataSourcePoolMetricsAutoConfiguration.class
})
@Import({UsesDatabase.DatabaseWatches.class, DatabaseProblems.class})
public @interface UsesDatabase {

    /** Compares as long as the service runs. */
    @Configuration(proxyBeanMethods = false)
    class DatabaseWatches {

        /** Named as Spring Boot's own is, for the groups of the probes. */
        @Bean
        DatabaseHealth dbHealthIndicator(DataSource database) {
            return new DatabaseHealth(database);
        }

        @Bean(destroyMethod = "close")
        ClockWatch clockHealthIndicator(Clock clock, DataSource database, MeterRegistry metrics) {
            return ClockWatch.start(clock, database, metrics);
        }
    }
}
