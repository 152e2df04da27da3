package io.hourledger.aggregator;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.closing.LedgerHourGateway;
import io.hourledger.aggregator.page.PageConfiguration;
import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.retention.RetentionSettings;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.AggregatorKafkaSettings;
import io.hourledger.aggregator.run.AggregatorSettings;
import io.hourledger.aggregator.run.Automations;
import io.hourledger.aggregator.run.CutoffJournalSettings;
import io.hourledger.aggregator.run.LedgerSealTaskFactory;
import io.hourledger.aggregator.run.Recounts;
import io.hourledger.aggregator.threshold.ThresholdSettings;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.config.LedgerSettings;
import io.hourledger.ledger.seal.LedgerSealTask;
import io.hourledger.ledger.seal.SealSettings;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.service.ServiceApplication;
import io.hourledger.service.ServiceDefaults;
import io.hourledger.service.UsesCatalogue;
import io.hourledger.service.UsesDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;

/** Reads usage events from Kafka, counts each once, and enters closed hours in the ledger. Needs Kafka and PostgreSQL. */
@ServiceDefaults
@UsesCatalogue
@UsesDatabase
@EnableConfigurationProperties({
    AggregatorSettings.class,
    AggregatorKafkaSettings.class,
    SealSettings.class,
    CutoffJournalSettings.class,
    RetentionSettings.class,
    ThresholdSettings.class
})
@Import({LedgerConfiguration.class, PageConfiguration.class})
public class BillingAggregator {

    /** Reads {@code billing-aggregator.yaml}; whoever starts the service adds settings or beans before it runs. */
    public static SpringApplicationBuilder application() {
        return ServiceApplication.of(BillingAggregator.class, "billing-aggregator", "aggregator");
    }

    public static void main(String[] arguments) {
        application().run(arguments);
    }

    @Bean
    Aggregator.Parts aggregatorParts(
            AggregatorSettings settings,
            AggregatorKafkaSettings kafka,
            CutoffJournalSettings journal,
            Catalogue catalogue,
            Clock clock,
            DataSource database,
            Ledger ledger,
            LedgerQueries queries,
            LedgerSettings accounts,
            MeterRegistry metrics) {
        if (database instanceof HikariDataSource pool) {
            settings.requireConnections(pool.getMaximumPoolSize());
        }
        LedgerSchema.migrate(database);
        AggregatorSchema.migrate(database);
        accounts.requireAccountsOf(LedgerSchema.sellerAccounts(database));
        return new Aggregator.Parts(
                settings, kafka, journal, catalogue, clock, database, new LedgerHourGateway(ledger, queries), metrics);
    }

    @Bean
    Receipts receipts(Aggregator.Parts parts) {
        return Recounts.receipts(parts.settings(), parts.kafka(), parts.database());
    }

    @Bean
    Automations.Watches watches(
            Aggregator.Parts parts,
            ThresholdSettings thresholds,
            Ledger ledger,
            LedgerQueries queries,
            LedgerSettings settings) {
        return Automations.Watches.of(
                parts,
                thresholds.thresholds(),
                ledger,
                queries,
                settings.policy().packages());
    }

    @Bean(destroyMethod = "close")
    Aggregator aggregator(Aggregator.Parts parts, Automations.Watches watches) {
        return Aggregator.start(parts, watches::stored);
    }

    @Bean(destroyMethod = "close")
    Automations automations(
            Aggregator.Parts parts,
            RetentionSettings retention,
            Aggregator aggregator,
            Automations.Watches watches,
            ThresholdSettings thresholds,
            PostgresLedgerFeed feed,
            Ledger ledger,
            LedgerQueries queries) {
        thresholds.requireProductsOf(new PostgresCatalogue(parts.database()).get());
        return Automations.start(parts, retention, aggregator, watches, feed, ledger, queries);
    }

    /** After the aggregator, which has waited for Kafka. */
    @Bean(destroyMethod = "close")
    @DependsOn("aggregator")
    LedgerSealTask sealing(
            Aggregator.Parts parts, SealSettings settings, PostgresLedgerFeed feed, LedgerSettings ledger) {
        return LedgerSealTaskFactory.start(parts, settings, feed, ledger.digestKey());
    }
}
