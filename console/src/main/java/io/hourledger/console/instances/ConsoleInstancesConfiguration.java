package io.hourledger.console.instances;

import io.hourledger.ledger.statement.InstanceOverview;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** Puts the pages of instances together. */
@Configuration(proxyBeanMethods = false)
@Import(ConsoleInstancePages.class)
public class ConsoleInstancesConfiguration {

    @Bean
    InstanceOverview instanceOverview(DataSource database, PlatformTransactionManager transactions) {
        return new InstanceOverview(new JdbcTemplate(database), transactions);
    }
}
