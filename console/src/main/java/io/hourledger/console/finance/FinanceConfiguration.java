package io.hourledger.console.finance;

import io.hourledger.files.export.RecordExport;
import io.hourledger.ledger.statement.BillComparison;
import io.hourledger.ledger.statement.InstanceList;
import io.hourledger.ledger.statement.MonthDiff;
import io.hourledger.ledger.statement.MonthSums;
import io.hourledger.ledger.statement.NotBilled;
import io.hourledger.ledger.statement.RecordTrace;
import io.hourledger.ledger.statement.Statement;
import javax.sql.DataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** Puts the pages of money together. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ExportSettings.class)
@Import({
    MonthPages.class,
    NotBilledPages.class,
    BillPages.class,
    StatementPages.class,
    RecordPages.class,
    ChangePages.class,
    ExportPages.class
})
public class FinanceConfiguration {

    @Bean
    InstanceList instanceList(DataSource database, PlatformTransactionManager transactions) {
        return new InstanceList(new JdbcTemplate(database), transactions);
    }

    @Bean
    MonthSums monthSums(DataSource database, PlatformTransactionManager transactions) {
        return new MonthSums(new JdbcTemplate(database), transactions);
    }

    @Bean
    NotBilled notBilled(DataSource database, PlatformTransactionManager transactions) {
        return new NotBilled(new JdbcTemplate(database), transactions);
    }

    @Bean
    BillComparison billComparison(DataSource database, PlatformTransactionManager transactions) {
        return new BillComparison(new JdbcTemplate(database), transactions);
    }

    @Bean
    Statement statement(DataSource database, PlatformTransactionManager transactions) {
        return new Statement(new JdbcTemplate(database), transactions);
    }

    @Bean
    RecordTrace recordTrace(DataSource database, PlatformTransactionManager transactions) {
        return new RecordTrace(new JdbcTemplate(database), transactions);
    }

    @Bean
    RecordExport recordExport(DataSource database, PlatformTransactionManager transactions) {
        return new RecordExport(new JdbcTemplate(database), transactions);
    }

    @Bean
    MonthDiff monthDiff(DataSource database, PlatformTransactionManager transactions) {
        return new MonthDiff(new JdbcTemplate(database), transactions);
    }
}
