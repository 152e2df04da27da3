package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.Ledger;
import io.hourledger.ledger.LedgerFeed;
import io.hourledger.ledger.LedgerQueries;
import io.hourledger.pusher.gallery.UsageDoor;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts pushing together; needs {@link PushSettings}, an {@link OutsideBook}, a {@link UsageDoor}, the ledger and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
public class PushConfiguration {

    @Bean(initMethod = "start", destroyMethod = "close")
    PushLoop pushLoop(
            PushSettings settings,
            Ledger ledger,
            LedgerFeed feed,
            LedgerQueries queries,
            UsageDoor door,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            OutsideBook outside,
            MeterRegistry registry) {
        return new PushLoop(
                settings,
                ledger,
                feed,
                (instanceId, window) -> queries.recordsIssued(new InstanceId(instanceId), window),
                door,
                jdbc,
                transaction,
                businessTime,
                Clock.systemUTC(),
                outside,
                registry);
    }

    @Bean
    HeldRecords heldRecords(JdbcClient jdbc) {
        return new HeldRecords(jdbc);
    }
}
