package io.hourledger.pusher.koogallery.callback;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.appinfo.AppInfos;
import io.hourledger.pusher.koogallery.SellerKey;
import io.hourledger.pusher.order.DeferredChanges;
import io.hourledger.pusher.order.InstanceOpening;
import io.hourledger.pusher.order.OrderedProducts;
import io.hourledger.pusher.order.PackageInstances;
import io.hourledger.pusher.order.RequestedInstances;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts KooGallery's calls together; needs a {@link SellerKey}, what {@code OrderConfiguration} makes, the ledger and a business {@link Clock}. */
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
    LifeCalls lifeCalls(
            RequestedInstances requests,
            DeferredChanges deferred,
            OrderedProducts products,
            Catalogue catalogue,
            PackageInstances packages,
            Ledger ledger,
            LedgerQueries queries,
            Clock businessTime) {
        return new LifeCalls(requests, deferred, products, catalogue, packages, ledger, queries, businessTime);
    }

    @Bean
    Callbacks callbacks(
            RequestedInstances requests,
            InstanceOpening opening,
            LedgerQueries queries,
            PackageInstances packages,
            AppInfos appInfos,
            SellerKey key,
            LifeCalls life,
            Clock businessTime) {
        return new Callbacks(requests, opening, new UsageSoFar(queries, packages), appInfos, key, life, businessTime);
    }
}
