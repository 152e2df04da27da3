package io.hourledger.pusher.notice;

import io.hourledger.ledger.api.LedgerFeed;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts notices together; needs {@link NoticeBrokers}, a {@code BooleanSupplier} of whether anything may be told, and the ledger's feed. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(NoticeSettings.class)
public class NoticeConfiguration {

    @Bean(destroyMethod = "close")
    WebhookPool webhookPool(DataSource database, MeterRegistry registry) {
        return new WebhookPool(database, registry);
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    NoticeDelivery noticeDelivery(
            NoticeSettings settings,
            NoticeBrokers brokers,
            LedgerFeed feed,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            WebhookPool webhookPool,
            MeterRegistry registry,
            BooleanSupplier noticesAllowed) {
        NoticeSettings.Retry retry = settings.retry();
        return new NoticeDelivery(
                settings,
                brokers,
                feed,
                new NoticeDatabase(jdbc, transaction),
                webhookPool.database(),
                registry,
                new WebhookClient(retry.connectTimeout(), retry.answerTimeout(), Clock.systemUTC()),
                noticesAllowed);
    }
}
