package io.hourledger.pusher.push;

import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.LedgerQueries;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts pushing together; needs the {@link PushLoops.Account}s, the ledger and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
public class PushConfiguration {

    /** The seller accounts to push for: a name for the list, which Spring would else put together itself. */
    public record Accounts(List<PushLoops.Account> all) {}

    @Bean(initMethod = "start", destroyMethod = "close")
    PushLoops pushLoops(
            Accounts accounts,
            Ledger ledger,
            LedgerFeed feed,
            LedgerQueries queries,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            MeterRegistry registry) {
        return new PushLoops(
                accounts.all(),
                new PushLoops.Shared(
                        ledger, LedgerAnswers.from(queries), jdbc, transaction, businessTime, Clock.systemUTC()),
                feed,
                registry);
    }

    @Bean
    RecordsNeedingReview recordsNeedingReview(JdbcClient jdbc) {
        return new RecordsNeedingReview(jdbc);
    }
}
