package io.hourledger.pusher.order;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.pusher.marketplace.OrderLookup;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts the opening of ordered instances together; needs {@link OrderSettings}, an {@link OrderLookup} and the ledger. */
@Configuration(proxyBeanMethods = false)
public class OrderConfiguration {

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
            OrderSettings settings,
            MeterRegistry registry) {
        return new RetryOpenings(jdbc, transaction, requests, opening, settings.retryUnopenedEvery(), registry);
    }

    @Bean
    UnopenedInstances unopenedInstances(JdbcClient jdbc) {
        return new UnopenedInstances(jdbc);
    }
}
