package io.hourledger.ledger.config;

import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.statement.UsageRecordReport;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventTable;
import io.hourledger.ledger.store.PostgresLedger;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.ledger.store.StateQueries;
import io.hourledger.ledger.store.StoredReportingStart;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * The ledger for a service that has a {@link DataSource} and the transaction manager of that data source. To be imported; it starts nothing:
 * the schema is brought up to date by {@link LedgerSchema}, the projections run in the process that calls {@link LedgerProjections#start()}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LedgerSettings.class)
public class LedgerConfiguration {

    static {
        // Axon's report to its vendor: never from here, whoever else puts Axon together in this process.
        if (System.getProperty("axoniq.update-checker.disabled") == null) {
            System.setProperty("axoniq.update-checker.disabled", "true");
        }
    }

    @Bean
    EventJson ledgerEventJson() {
        return new EventJson();
    }

    @Bean
    EventTable ledgerEventTable(DataSource dataSource, EventJson json, LedgerSettings settings) {
        String key = settings.digestKey();
        return new EventTable(new JdbcTemplate(dataSource), json, key == null ? null : new EventDigests(key));
    }

    @Bean
    Ledger ledger(
            EventTable table,
            DataSource dataSource,
            LedgerSettings settings,
            PlatformTransactionManager transactions,
            ObjectProvider<MeterRegistry> registry) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        InstanceDecider decider = new InstanceDecider(account -> account == null
                ? settings.policy()
                : settings.policyOf(account).with(new StoredReportingStart(jdbc, account)));
        return new PostgresLedger(table, decider, transactions, registry(registry));
    }

    @Bean(destroyMethod = "close")
    PostgresLedgerFeed ledgerFeed(
            DataSource dataSource,
            PlatformTransactionManager transactions,
            EventJson json,
            ObjectProvider<MeterRegistry> registry) {
        return new PostgresLedgerFeed(new JdbcTemplate(dataSource), transactions, json, registry(registry));
    }

    /** The service's, if it has one. */
    private static MeterRegistry registry(ObjectProvider<MeterRegistry> registry) {
        return registry.getIfAvailable(SimpleMeterRegistry::new);
    }

    @Bean
    LedgerQueries ledgerQueries(DataSource dataSource) {
        return new StateQueries(new JdbcTemplate(dataSource));
    }

    @Bean
    UsageRecordReport usageRecordReport(DataSource dataSource, PlatformTransactionManager transactions) {
        return new UsageRecordReport(new JdbcTemplate(dataSource), transactions);
    }

    @Bean(destroyMethod = "close")
    LedgerProjections ledgerProjections(DataSource dataSource, PostgresLedgerFeed feed) {
        return new LedgerProjections(new JdbcTemplate(dataSource), feed);
    }
}
