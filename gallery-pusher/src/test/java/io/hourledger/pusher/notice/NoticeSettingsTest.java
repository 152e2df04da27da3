package io.hourledger.pusher.notice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.pusher.notice.NoticeSettings.Retry;
import io.hourledger.pusher.notice.NoticeSettings.Webhook;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

@Tag("fast")
class NoticeSettingsTest {

    private static final String SECRET = "whsec_" + Base64.getEncoder().encodeToString(new byte[24]);

    private static NoticeSettings bound(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("hourledger.notices", NoticeSettings.class);
    }

    private static Webhook webhook(String name, String url, List<String> secrets, List<String> types) {
        return new Webhook(name, URI.create(url), secrets, types);
    }

    private static void refused(Webhook webhook, String sentence) {
        NoticeSettings usual = bound(Map.of());
        assertThatThrownBy(() -> new NoticeSettings(
                        "notices", usual.topicRetention(), usual.keep(), List.of(webhook), false, usual.retry()))
                .hasMessageContaining(sentence)
                .hasMessageNotContaining(SECRET.substring(6));
    }

    @Test
    void the_defaults_are_those_of_the_configuration_page() {
        NoticeSettings usual = bound(Map.of());

        assertThat(usual.topic()).isEqualTo("notices");
        assertThat(usual.topicRetention()).isEqualTo(Duration.ofDays(30));
        assertThat(usual.keep()).isEqualTo(Duration.ofDays(30));
        assertThat(usual.webhooks()).isEmpty();
        assertThat(usual.retry())
                .isEqualTo(new Retry(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(5),
                        Duration.ofHours(24)));
    }

    @Test
    void an_endpoint_without_types_takes_all() {
        WebhookEndpoint endpoint = bound(Map.of(
                        "hourledger.notices.webhooks[0].name", "shop",
                        "hourledger.notices.webhooks[0].url", "https://shop.example.com/notices",
                        "hourledger.notices.webhooks[0].secrets[0]", SECRET))
                .endpoints()
                .getFirst();

        assertThat(endpoint.types()).containsExactly(NoticeType.values());
    }

    @Test
    void an_endpoint_that_cannot_be_meant_stops_the_start() {
        String url = "https://shop.example.com/notices";
        refused(webhook("Shop!", url, List.of(SECRET), List.of()), "webhooks[0].name must be lower-case");
        refused(webhook("shop", "http://shop.example.com/", List.of(SECRET), List.of()), "begins with https://");
        refused(webhook("shop", "https://a:b@shop.example.com/", List.of(SECRET), List.of()), "names no user");
        refused(webhook("shop", url, List.of(), List.of()), "one secret, or two");
        refused(webhook("shop", url, List.of(SECRET, SECRET, SECRET), List.of()), "one secret, or two");
        refused(webhook("shop", url, List.of(SECRET.substring(6)), List.of()), "begin with whsec_");
        refused(webhook("shop", url, List.of("whsec_AAAA"), List.of()), "must have 24 to 64 bytes, and has 3");
        refused(webhook("shop", url, List.of(SECRET), List.of("opened")), "there is no notice opened");
    }

    @Test
    void two_endpoints_have_two_names() {
        NoticeSettings usual = bound(Map.of());
        Webhook shop = webhook("shop", "https://shop.example.com/", List.of(SECRET), List.of());

        assertThatThrownBy(() -> new NoticeSettings(
                        "notices", usual.topicRetention(), usual.keep(), List.of(shop, shop), false, usual.retry()))
                .hasMessageContaining("are called shop");
    }
}
