package io.hourledger.pusher.push;

import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.marketplace.Marketplace;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts pushing together; needs {@link PushSettings}, a {@link SentCallJournal}, a {@link Marketplace}, the ledger and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
public class PushConfiguration {

    @Bean(initMethod = "start", destroyMethod = "close")
    PushLoop pushLoop(
            PushSettings settings,
            Ledger ledger,
            LedgerFeed feed,
            LedgerQueries queries,
            Marketplace marketplace,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            SentCallJournal journal,
            MeterRegistry registry) {
        return new PushLoop(
                settings,
                ledger,
                feed,
                LedgerAnswers.from(queries),
                marketplace,
                jdbc,
                transaction,
                businessTime,
                Clock.systemUTC(),
                journal,
                registry);
    }

    @Bean
    RecordsNeedingReview recordsNeedingReview(JdbcClient jdbc) {
        return new RecordsNeedingReview(jdbc);
    }
}
