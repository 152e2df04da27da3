package io.hourledger.pusher.order;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.marketplace.OrderLookups;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts the opening of ordered instances together; needs {@link OrderSettings}, {@link OrderLookups} and the ledger. */
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
    OrdersInCalls ordersInCalls(JdbcClient jdbc) {
        return new OrdersInCalls(jdbc);
    }

    @Bean
    NamedProducts namedProducts(JdbcClient jdbc) {
        return new NamedProducts(jdbc);
    }

    @Bean
    UndoneChanges undoneChanges(JdbcClient jdbc) {
        return new UndoneChanges(jdbc);
    }

    @Bean
    OrderedProducts orderedProducts(
            OrderLookups orders, OrdersInCalls inCalls, NamedProducts named, Catalogue catalogue) {
        return new OrderedProducts(orders, inCalls, named, catalogue);
    }

    @Bean
    ProductResolution productResolution(
            RequestedInstances requests,
            DeferredChanges deferred,
            UndoneChanges undone,
            OrderedProducts products,
            NamedProducts named,
            InstanceOpening opening,
            LedgerQueries queries,
            Clock businessTime) {
        return new ProductResolution(requests, deferred, undone, products, named, opening, queries, businessTime);
    }

    @Bean
    ChangeTargets changeTargets(OrderedProducts products) {
        return new ChangeTargets(products);
    }

    @Bean
    InstanceOpening opening(
            RequestedInstances requests,
            DeferredChanges deferred,
            OrderedProducts products,
            ChangeTargets targets,
            BuyerInstances buyers,
            PackageOpening packages,
            Ledger ledger,
            TransactionTemplate transaction) {
        return new InstanceOpening(requests, deferred, products, targets, buyers, packages, ledger, transaction);
    }

    @Bean
    BuyerInstances buyerInstances(JdbcClient jdbc) {
        return new BuyerInstances(jdbc);
    }

    @Bean
    PackageInstances packageInstances(JdbcClient jdbc) {
        return new PackageInstances(jdbc);
    }

    @Bean
    PackagePlacement packagePlacement(
            RequestedInstances requests,
            OrderedProducts products,
            BuyerInstances buyers,
            LedgerQueries queries,
            OrderSettings settings,
            Clock businessTime) {
        return new PackagePlacement(requests, products, buyers, queries, settings.packageOrderWait(), businessTime);
    }

    @Bean
    PackageOpening packageOpening(
            RequestedInstances requests,
            DeferredChanges deferred,
            PackageInstances packages,
            PackagePlacement placement,
            Ledger ledger,
            TransactionTemplate transaction) {
        return new PackageOpening(requests, deferred, packages, placement, ledger, transaction);
    }

    @Bean
    PackageCorrection packageCorrection(
            RequestedInstances requests,
            PackageInstances packages,
            Ledger ledger,
            LedgerQueries queries,
            TransactionTemplate transaction,
            Clock businessTime) {
        return new PackageCorrection(requests, packages, ledger, queries, transaction, businessTime);
    }

    @Bean
    PackageResolution packageResolution(
            RequestedInstances requests,
            OrderedProducts products,
            PackageOpening opening,
            PackageCorrection correction,
            Catalogue catalogue,
            LedgerQueries queries) {
        return new PackageResolution(requests, products, opening, correction, catalogue, queries);
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    RetryOpenings retryOpenings(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            RequestedInstances requests,
            InstanceOpening opening,
            UndoneChanges undone,
            OrderSettings settings,
            MeterRegistry registry) {
        return new RetryOpenings(
                jdbc,
                transaction,
                requests,
                opening::openLater,
                undone,
                RetryOpenings.Timing.every(settings.retryUnopenedEvery()),
                registry);
    }

    @Bean
    UnopenedInstances unopenedInstances(JdbcClient jdbc) {
        return new UnopenedInstances(jdbc);
    }
}
