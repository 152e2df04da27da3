package io.hourledger.pusher;

import io.hourledger.pusher.appinfo.LoginCipher;
import io.hourledger.pusher.koogallery.AccessKey;
import io.hourledger.pusher.koogallery.KooGallery;
import io.hourledger.pusher.koogallery.KooGalleryAccountTrial;
import io.hourledger.pusher.koogallery.MarketplaceHosts;
import io.hourledger.pusher.koogallery.OrderQueryClient;
import io.hourledger.pusher.koogallery.SellerKeys;
import io.hourledger.pusher.koogallery.UsagePushClient;
import io.hourledger.pusher.koogallery.callback.CallbackSettings;
import io.hourledger.pusher.marketplace.AccountTrial;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.marketplace.OrderLookup;
import io.hourledger.pusher.marketplace.OrderLookups;
import io.hourledger.pusher.order.OrderSettings;
import io.hourledger.pusher.push.PushConfiguration;
import io.hourledger.pusher.push.PushLoops;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the marketplace port its one adapter, KooGallery. Signatures carry the machine's time, whatever business time it is. */
@Configuration(proxyBeanMethods = false)
class GalleryConfiguration {

    private static final Clock MACHINE_TIME = Clock.systemUTC();

    /** So that the database alone tells no account. A new seller key makes the apps put their accounts again. */
    @Bean
    LoginCipher loginCipher(PusherSettings settings) {
        return new LoginCipher(
                keys(settings.sellerAccounts().getFirst()).newest().derived("accounts of app info"));
    }

    @Bean
    PushConfiguration.Accounts accountsToPush(PusherSettings settings, SentCallJournals journals) {
        return new PushConfiguration.Accounts(settings.sellerAccounts().stream()
                .map(account -> new PushLoops.Account(
                        settings.push(account), marketplace(settings, account), journals.of(account.name())))
                .toList());
    }

    static Marketplace marketplace(PusherSettings settings, SellerAccountSettings account) {
        return KooGallery.at(
                new UsagePushClient(
                        hosts(settings, account, settings.usageFallbackUrl(account), settings.answerTimeout()),
                        keys(account),
                        MACHINE_TIME),
                keys(account),
                settings.billingZone());
    }

    @Bean
    OrderLookups orderLookups(PusherSettings settings) {
        Map<String, OrderLookup> byAccount = new HashMap<>();
        settings.sellerAccounts().forEach(account -> byAccount.put(account.name(), orderLookup(settings, account)));
        return account -> {
            OrderLookup lookup = byAccount.get(account);
            if (lookup == null) {
                throw new IllegalArgumentException("no seller account is called " + account);
            }
            return lookup;
        };
    }

    static OrderLookup orderLookup(PusherSettings settings, SellerAccountSettings account) {
        AccessKey key = new AccessKey(account.keys().accessKey(), account.keys().secretKey());
        return new OrderQueryClient(
                hosts(settings, account, account.fallbackUrl(), settings.orderTimeout()), key, MACHINE_TIME);
    }

    @Bean
    AccountTrials accountTrials(PusherSettings settings) {
        Map<String, AccountTrial> byAccount = new LinkedHashMap<>();
        settings.sellerAccounts().forEach(account -> {
            List<URI> hosts = account.fallbackUrl() == null
                    ? List.of(account.baseUrl())
                    : List.of(account.baseUrl(), account.fallbackUrl());
            byAccount.put(
                    account.name(),
                    KooGalleryAccountTrial.of(
                            hosts,
                            keys(account),
                            orderLookup(settings, account),
                            settings.connectTimeout(),
                            settings.answerTimeout(),
                            MACHINE_TIME));
        });
        return new AccountTrials(byAccount);
    }

    /** One for each seller account: a name for the map, which Spring would else put together itself. */
    record AccountTrials(Map<String, AccountTrial> byAccount) {}

    private static SellerKeys keys(SellerAccountSettings account) {
        return SellerKeys.of(account.keys().sellerKey(), account.keys().oldSellerKey());
    }

    @Bean
    OrderSettings orderSettings(PusherSettings settings) {
        return new OrderSettings(settings.retryUnopenedEvery(), settings.packageOrderWait());
    }

    @Bean
    CallbackSettings callbackSettings(PusherSettings settings) {
        Map<String, SellerKeys> byAccount = new LinkedHashMap<>();
        settings.sellerAccounts().forEach(account -> byAccount.put(account.name(), keys(account)));
        return new CallbackSettings(
                byAccount,
                PusherSettings.CALLBACK_BODY,
                PusherSettings.CALLBACK_ANSWER,
                settings.callbackTimestampZone(),
                settings.callbackTimestampTolerance(),
                settings.callbackRetention());
    }

    private static MarketplaceHosts hosts(
            PusherSettings settings, SellerAccountSettings account, @Nullable URI fallback, Duration answerTimeout) {
        return new MarketplaceHosts(account.baseUrl(), fallback, settings.connectTimeout(), answerTimeout);
    }
}
