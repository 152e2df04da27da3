package io.hourledger.pusher;

import io.hourledger.pusher.appinfo.LoginCipher;
import io.hourledger.pusher.instances.InstancesConfiguration.AccountName;
import io.hourledger.pusher.koogallery.AccessKey;
import io.hourledger.pusher.koogallery.KooGallery;
import io.hourledger.pusher.koogallery.MarketplaceHosts;
import io.hourledger.pusher.koogallery.OrderQueryClient;
import io.hourledger.pusher.koogallery.SellerKey;
import io.hourledger.pusher.koogallery.UsagePushClient;
import io.hourledger.pusher.koogallery.callback.CallbackSettings;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.marketplace.OrderLookup;
import io.hourledger.pusher.order.OrderSettings;
import io.hourledger.pusher.push.PushSettings;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the marketplace port its one adapter, KooGallery. Signatures carry the machine's time, whatever business time it is. */
@Configuration(proxyBeanMethods = false)
class GalleryConfiguration {

    private static final Clock MACHINE_TIME = Clock.systemUTC();

    @Bean
    SellerKey sellerKey(PusherSettings settings) {
        return new SellerKey(Objects.requireNonNull(settings.sellerKey()));
    }

    /** So that the database alone tells no account. A new seller key makes the apps put their accounts again. */
    @Bean
    LoginCipher loginCipher(SellerKey key) {
        return new LoginCipher(key.derived("accounts of app info"));
    }

    @Bean
    Marketplace marketplace(PusherSettings settings, SellerKey key) {
        return KooGallery.at(
                new UsagePushClient(
                        hosts(settings, settings.usageFallbackUrl(), settings.answerTimeout()), key, MACHINE_TIME),
                settings.billingZone());
    }

    @Bean
    OrderLookup orderLookup(PusherSettings settings) {
        AccessKey key = new AccessKey(
                Objects.requireNonNull(settings.accessKey()), Objects.requireNonNull(settings.secretKey()));
        return new OrderQueryClient(
                hosts(settings, settings.fallbackUrl(), settings.orderTimeout()), key, MACHINE_TIME);
    }

    @Bean
    AccountName accountName(PusherSettings settings) {
        return new AccountName(settings.account());
    }

    @Bean
    PushSettings pushSettings(PusherSettings settings) {
        return settings.push();
    }

    @Bean
    OrderSettings orderSettings(PusherSettings settings) {
        return new OrderSettings(settings.retryUnopenedEvery(), settings.packageOrderWait());
    }

    @Bean
    CallbackSettings callbackSettings(PusherSettings settings) {
        return new CallbackSettings(
                settings.account(),
                PusherSettings.CALLBACK_BODY,
                PusherSettings.CALLBACK_ANSWER,
                settings.callbackTimestampZone(),
                settings.callbackTimestampTolerance(),
                settings.callbackRetention());
    }

    private static MarketplaceHosts hosts(PusherSettings settings, @Nullable URI fallback, Duration answerTimeout) {
        return new MarketplaceHosts(
                Objects.requireNonNull(settings.baseUrl()), fallback, settings.connectTimeout(), answerTimeout);
    }
}
