package io.hourledger.pusher.koogallery.callback;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.appinfo.AppInfos;
import io.hourledger.pusher.order.ChangeTargets;
import io.hourledger.pusher.order.DeferredChanges;
import io.hourledger.pusher.order.InstanceOpening;
import io.hourledger.pusher.order.OrdersInCalls;
import io.hourledger.pusher.order.PackageInstances;
import io.hourledger.pusher.order.RequestedInstances;
import io.hourledger.pusher.order.UndoneChanges;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts KooGallery's calls together; needs {@link CallbackSettings}, what {@code OrderConfiguration} makes, the ledger and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
@Import(CallbackEndpoint.class)
public class CallbackConfiguration {

    @Bean
    CallbackPaths callbackPaths(CallbackSettings settings) {
        return new CallbackPaths(settings, Clock.systemUTC());
    }

    @Bean
    CallbackLog callbackLog(JdbcClient jdbc, TransactionTemplate transaction, Clock businessTime) {
        return new CallbackLog(jdbc, transaction, businessTime);
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    CallbackRetention callbackRetention(CallbackLog log, CallbackSettings settings) {
        return new CallbackRetention(log, settings.retention());
    }

    @Bean
    LifeCalls lifeCalls(
            RequestedInstances requests,
            DeferredChanges deferred,
            UndoneChanges undone,
            ChangeTargets targets,
            PackageInstances packages,
            Ledger ledger,
            LedgerQueries queries,
            Clock businessTime) {
        return new LifeCalls(requests, deferred, undone, targets, packages, ledger, queries, businessTime);
    }

    @Bean
    UsageSoFar usageSoFar(LedgerQueries queries, PackageInstances packages) {
        return new UsageSoFar(queries, packages);
    }

    @Bean
    ChangeCheck changeCheck(
            RequestedInstances requests, PackageInstances packages, Catalogue catalogue, LedgerQueries queries) {
        return new ChangeCheck(requests, packages, catalogue, queries);
    }

    @Bean
    Callbacks callbacks(
            RequestedInstances requests,
            InstanceOpening opening,
            UsageSoFar usage,
            AppInfos appInfos,
            LifeCalls life,
            ChangeCheck changeCheck,
            LedgerQueries queries,
            Clock businessTime) {
        return new Callbacks(requests, opening, usage, appInfos, life, changeCheck, queries, businessTime);
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
