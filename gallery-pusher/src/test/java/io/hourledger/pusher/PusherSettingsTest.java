package io.hourledger.pusher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.pusher.push.PushSettings;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

@Tag("fast")
class PusherSettingsTest {

    private static PusherSettings bind(Map<String, String> changes) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "hourledger.pusher.seller-key", "the-secret",
                "hourledger.pusher.access-key", "AK",
                "hourledger.pusher.secret-key", "the-secret",
                "hourledger.pusher.base-url", "https://mkt.myhuaweicloud.com"));
        properties.putAll(changes);
        return new Binder(new MapConfigurationPropertySource(properties))
                .bind("hourledger.pusher", PusherSettings.class)
                .get();
    }

    @Test
    void the_defaults_are_careful() {
        PusherSettings settings = bind(Map.of());
        PushSettings push = settings.push();
        assertThat(push.lease().account()).isEqualTo("default");
        assertThat(push.lease().length()).isEqualTo(Duration.ofSeconds(15));
        assertThat(push.calls().maxRecords()).isEqualTo(1000);
        assertThat(push.rate().ceiling()).isEqualTo(5);
        assertThat(push.calls().inFlight()).isOne();
        assertThat(push.calls().lateEvery()).isEqualTo(5);
        assertThat(push.backOff().first()).isEqualTo(Duration.ofSeconds(1));
        assertThat(push.backOff().longest()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.answerTimeout()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void two_processes_have_two_names_unless_told_otherwise() {
        assertThat(bind(Map.of()).push().lease().owner())
                .isNotEqualTo(bind(Map.of()).push().lease().owner());
        assertThat(bind(Map.of("hourledger.pusher.owner", "demo"))
                        .push()
                        .lease()
                        .owner())
                .isEqualTo("demo");
    }

    @Test
    void a_further_account_has_what_it_does_not_set_as_the_first_one_has_it() {
        PusherSettings settings = bind(Map.of(
                "hourledger.pusher.accounts[0].name", "acme",
                "hourledger.pusher.accounts[0].seller-key", "the-secret-of-acme",
                "hourledger.pusher.accounts[0].access-key", "AK2",
                "hourledger.pusher.accounts[0].secret-key", "SK2",
                "hourledger.pusher.accounts[0].calls-per-second", "2"));
        assertThat(settings.sellerAccounts())
                .extracting(SellerAccountSettings::name)
                .containsExactly("default", "acme");
        SellerAccountSettings acme = settings.sellerAccounts().getLast();
        assertThat(acme.baseUrl()).isEqualTo(settings.baseUrl());
        assertThat(settings.push(acme).lease().account()).isEqualTo("acme");
        assertThat(settings.push(acme).rate().ceiling()).isEqualTo(2);
        assertThat(settings.push().rate().ceiling()).isEqualTo(5);
        assertThat(settings.sellerAccounts().toString()).doesNotContain("the-secret");
    }

    @Test
    void two_accounts_have_two_names_and_each_its_own_keys() {
        assertThatThrownBy(() -> bind(Map.of(
                        "hourledger.pusher.accounts[0].name", "default",
                        "hourledger.pusher.accounts[0].seller-key", "k",
                        "hourledger.pusher.accounts[0].access-key", "AK2",
                        "hourledger.pusher.accounts[0].secret-key", "SK2")))
                .rootCause()
                .hasMessageContaining("hourledger.pusher.accounts[0].name is default");
        assertThatThrownBy(() -> bind(Map.of("hourledger.pusher.accounts[0].name", "acme")))
                .rootCause()
                .hasMessageContaining("hourledger.pusher.accounts[0].seller-key");
    }

    /** A call of the one would be believed on the path of the other. */
    @ParameterizedTest
    @CsvSource({"seller-key, the-secret", "old-seller-key, the-secret", "seller-key, the-old-secret"})
    void two_accounts_with_one_seller_key_stop_the_start(String name, String key) {
        Map<String, String> changes = new HashMap<>(Map.of(
                "hourledger.pusher.old-seller-key", "the-old-secret",
                "hourledger.pusher.accounts[0].name", "acme",
                "hourledger.pusher.accounts[0].seller-key", "its-own",
                "hourledger.pusher.accounts[0].access-key", "AK2",
                "hourledger.pusher.accounts[0].secret-key", "SK2"));
        changes.put("hourledger.pusher.accounts[0]." + name, key);
        assertThatThrownBy(() -> bind(changes))
                .rootCause()
                .hasMessageContaining("hourledger.pusher.accounts[0]")
                .hasMessageContaining("has the seller key of another account");
    }

    /** What the marketplace confirmed of one pair of hosts says nothing of another. */
    @Test
    void that_two_hosts_know_each_other_is_said_of_the_hosts_of_one_account() {
        Map<String, String> changes = new HashMap<>(Map.of(
                "hourledger.pusher.hosts-know-each-other", "true",
                "hourledger.pusher.fallback-url", "https://second.example",
                "hourledger.pusher.accounts[0].name", "acme",
                "hourledger.pusher.accounts[0].seller-key", "its-own",
                "hourledger.pusher.accounts[0].access-key", "AK2",
                "hourledger.pusher.accounts[0].secret-key", "SK2"));
        assertThat(usageFallback(changes)).isEqualTo(URI.create("https://second.example"));
        changes.put("hourledger.pusher.accounts[0].fallback-url", "https://third.example");
        assertThat(usageFallback(changes)).isNull();
        changes.put("hourledger.pusher.accounts[0].base-url", "https://intl.example");
        assertThat(usageFallback(changes)).isNull();
        changes.put("hourledger.pusher.accounts[0].hosts-know-each-other", "true");
        assertThat(usageFallback(changes)).isEqualTo(URI.create("https://third.example"));
    }

    private static @Nullable URI usageFallback(Map<String, String> changes) {
        PusherSettings settings = bind(changes);
        return settings.usageFallbackUrl(settings.sellerAccounts().getLast());
    }

    @Test
    void the_keys_are_not_printed() {
        assertThat(bind(Map.of()).toString()).doesNotContain("the-secret");
    }

    @ParameterizedTest
    @CsvSource({
        "seller-key, ''",
        "access-key, ' '",
        "secret-key, ''",
        "base-url, mkt.myhuaweicloud.com",
        "base-url, ftp://mkt.myhuaweicloud.com",
        "fallback-url, nowhere",
        "max-records, 0",
        "max-records, 1001",
        "calls-per-second, 0",
        "calls-per-second, NaN",
        "calls-in-flight, 0",
        "workers, 0",
        "late-every, 1",
        "lease, 3s",
        "order-timeout, 2s",
        "answer-timeout, 0s",
        "stalled-after, 0s",
        "longest-back-off, 10ms"
    })
    void a_bad_value_stops_the_start_and_is_named(String name, String value) {
        assertThatThrownBy(() -> bind(Map.of("hourledger.pusher." + name, value)))
                .rootCause()
                .hasMessageContaining("hourledger.pusher");
    }
}
