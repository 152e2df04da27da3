package io.hourledger.pusher;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.config.LedgerSettings;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.projection.WithheldUsage;
import io.hourledger.pusher.appinfo.AppInfoConfiguration;
import io.hourledger.pusher.instances.InstancesConfiguration;
import io.hourledger.pusher.koogallery.callback.CallbackConfiguration;
import io.hourledger.pusher.notice.NoticeConfiguration;
import io.hourledger.pusher.order.OrderConfiguration;
import io.hourledger.pusher.push.PushConfiguration;
import io.hourledger.pusher.push.SellerAccount;
import io.hourledger.service.OperatorPages;
import io.hourledger.service.RequiredSettings;
import io.hourledger.service.ServiceApplication;
import io.hourledger.service.ServiceDefaults;
import io.hourledger.service.UsesCatalogue;
import io.hourledger.service.UsesDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Speaks KooGallery: pushes usage records, takes lifecycle calls. Needs the ledger's PostgreSQL. */
@ServiceDefaults
@UsesCatalogue
@UsesDatabase
@EnableConfigurationProperties({
    PusherSettings.class,
    SentCallJournalSettings.class,
    SentCallJournalSettings.Brokers.class
})
@Import({
    LedgerConfiguration.class,
    GalleryConfiguration.class,
    SentCallJournalSettings.JournalConfiguration.class,
    PushConfiguration.class,
    OrderConfiguration.class,
    AppInfoConfiguration.class,
    InstancesConfiguration.class,
    CallbackConfiguration.class,
    NoticeConfiguration.class,
    OperatorEndpoint.class,
    PushHealth.class
})
public class GalleryPusher {

    /** Reads {@code gallery-pusher.yaml}; whoever starts the service adds settings or beans before it runs. */
    public static SpringApplicationBuilder application() {
        return ServiceApplication.of(GalleryPusher.class, "gallery-pusher", "pusher");
    }

    public static void main(String[] arguments) {
        application().run(arguments);
    }

    @Bean
    FilterRegistrationBean<?> operatorOnly(RequiredSettings settings) {
        return OperatorPages.closed(settings, "/operator/*");
    }

    /** The first that touches the database, so that all others find their tables. */
    @Bean
    JdbcClient jdbcClient(DataSource dataSource, PusherSettings settings, LedgerSettings ledger) {
        if (dataSource instanceof HikariDataSource pool) {
            settings.requireConnections(pool.getMaximumPoolSize());
        }
        LedgerSchema.migrate(dataSource);
        PusherSchema.migrate(dataSource);
        JdbcClient jdbc = JdbcClient.create(dataSource);
        SellerAccount.compare(
                jdbc,
                settings.sellerAccounts().stream()
                        .map(SellerAccountSettings::account)
                        .toList());
        ledger.requireAccountsOf(LedgerSchema.sellerAccounts(dataSource));
        return jdbc;
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

    @Bean(initMethod = "start", destroyMethod = "close")
    WithheldUsage withheldUsage(
            DataSource database, Clock businessTime, MeterRegistry registry, JdbcClient tablesAreThere) {
        return new WithheldUsage(database, businessTime, registry);
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
