package io.hourledger.console.tonight;

import io.hourledger.ledger.statement.OutboxHours;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** Puts the page of the night together. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TonightSettings.class)
@Import(TonightPages.class)
public class TonightConfiguration {

    @Bean(destroyMethod = "close")
    ServiceClient serviceClient(@Value("${hourledger.operator-token:}") String operatorToken) {
        return new ServiceClient(operatorToken);
    }

    @Bean
    OutboxHours outboxHours(DataSource database, PlatformTransactionManager transactions) {
        return new OutboxHours(new JdbcTemplate(database), transactions);
    }
}
