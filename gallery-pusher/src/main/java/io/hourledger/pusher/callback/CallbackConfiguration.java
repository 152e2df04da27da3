package io.hourledger.pusher.callback;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.koogallery.OrderLookup;
import io.hourledger.pusher.koogallery.SellerKey;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.stream.Collectors;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts the marketplace's calls together; needs {@link CallbackSettings}, a {@link SellerKey}, an {@link OrderLookup}, the ledger and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
@Import(CallbackEndpoint.class)
public class CallbackConfiguration {

    @Bean
    CallbackGuard callbackGuard(SellerKey key) {
        return new CallbackGuard(key, Clock.systemUTC());
    }

    @Bean
    CallbackLog callbackLog(JdbcClient jdbc, Clock businessTime) {
        return new CallbackLog(jdbc, businessTime);
    }

    @Bean
    RequestedInstances requestedInstances(JdbcClient jdbc) {
        return new RequestedInstances(jdbc);
    }

    @Bean
    DeferredChanges deferredChanges(JdbcClient jdbc) {
        return new DeferredChanges(jdbc);
    }

    @Bean
    OrderedProducts orderedProducts(OrderLookup orders, Catalogue catalogue) {
        return new OrderedProducts(orders, catalogue);
    }

    @Bean
    InstanceOpening opening(
            RequestedInstances requests,
            DeferredChanges deferred,
            OrderedProducts products,
            Ledger ledger,
            TransactionTemplate transaction) {
        return new InstanceOpening(requests, deferred, products, ledger, transaction);
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    RetryOpenings retryOpenings(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            RequestedInstances requests,
            InstanceOpening opening,
            CallbackSettings settings,
            MeterRegistry registry) {
        return new RetryOpenings(jdbc, transaction, requests, opening, settings.retryHeldEvery(), registry);
    }

    @Bean
    UnopenedInstances unopenedInstances(JdbcClient jdbc) {
        return new UnopenedInstances(jdbc);
    }

    @Bean
    LifeCalls lifeCalls(
            RequestedInstances requests,
            DeferredChanges deferred,
            OrderedProducts products,
            Catalogue catalogue,
            Ledger ledger,
            LedgerQueries queries,
            Clock businessTime) {
        return new LifeCalls(requests, deferred, products, catalogue, ledger, queries, businessTime);
    }

    @Bean
    Callbacks callbacks(
            RequestedInstances requests,
            InstanceOpening opening,
            LedgerQueries queries,
            LifeCalls life,
            Clock businessTime) {
        UsageSoFar usage =
                ids -> queries.instances(ids.stream().map(InstanceId::new).toList()).entrySet().stream()
                        .collect(Collectors.toMap(entry -> entry.getKey().value(), entry -> entry.getValue()
                                .totals()
                                .metered()
                                .add(entry.getValue().totals().credits())));
        return new Callbacks(requests, opening, usage, life, businessTime);
    }
}
