package io.hourledger.pusher.koogallery.callback;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.appinfo.AppInfos;
import io.hourledger.pusher.koogallery.SellerKey;
import io.hourledger.pusher.order.ChangeTargets;
import io.hourledger.pusher.order.DeferredChanges;
import io.hourledger.pusher.order.InstanceOpening;
import io.hourledger.pusher.order.OrdersInCalls;
import io.hourledger.pusher.order.PackageInstances;
import io.hourledger.pusher.order.RequestedInstances;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts KooGallery's calls together; needs a {@link SellerKey}, {@link CallbackSettings}, what {@code OrderConfiguration} makes, the ledger and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
@Import(CallbackEndpoint.class)
public class CallbackConfiguration {

    @Bean
    CallbackGuard callbackGuard(SellerKey key) {
        return new CallbackGuard(key, Clock.systemUTC());
    }

    @Bean
    AuthTokenGuard authTokenGuard(SellerKey key, CallbackSettings settings) {
        return new AuthTokenGuard(key, Clock.systemUTC(), settings.timestampZone());
    }

    @Bean
    CallbackLog callbackLog(JdbcClient jdbc, Clock businessTime) {
        return new CallbackLog(jdbc, businessTime);
    }

    @Bean
    LifeCalls lifeCalls(
            RequestedInstances requests,
            DeferredChanges deferred,
            ChangeTargets targets,
            Catalogue catalogue,
            PackageInstances packages,
            Ledger ledger,
            LedgerQueries queries,
            Clock businessTime) {
        return new LifeCalls(requests, deferred, targets, catalogue, packages, ledger, queries, businessTime);
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

    @Bean
    FirstGenerationCalls firstGenerationCalls(
            Callbacks callbacks, LifeCalls life, OrdersInCalls orders, Clock businessTime) {
        return new FirstGenerationCalls(callbacks, life, orders, businessTime);
    }

    @Bean
    CallAnswers callAnswers(Callbacks second, FirstGenerationCalls first, CallbackLog log, CallbackMetrics metrics) {
        return new CallAnswers(second, first, log, metrics);
    }

    @Bean
    CallbackMetrics callbackMetrics(MeterRegistry registry) {
        return new CallbackMetrics(registry);
    }
}
