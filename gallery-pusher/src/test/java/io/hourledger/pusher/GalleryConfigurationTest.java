package io.hourledger.pusher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hourledger.pusher.marketplace.HttpResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The first host takes no connection, and a fallback host is set. */
@Tag("servers")
class GalleryConfigurationTest {

    private final AtomicInteger askedFallback = new AtomicInteger();
    private HttpServer fallback;
    private int deadPort;

    @BeforeEach
    void twoHosts() throws IOException {
        fallback = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        fallback.createContext("/", exchange -> {
            askedFallback.incrementAndGet();
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
        });
        fallback.start();
        try (ServerSocket closed = new ServerSocket(0)) {
            deadPort = closed.getLocalPort();
        }
    }

    @AfterEach
    void stop() {
        fallback.stop(0);
    }

    private PusherSettings settings(Map<String, String> changes) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "hourledger.pusher.seller-key", "the-secret",
                "hourledger.pusher.access-key", "AK",
                "hourledger.pusher.secret-key", "the-secret",
                "hourledger.pusher.base-url", "http://localhost:" + deadPort,
                "hourledger.pusher.fallback-url",
                        "http://localhost:" + fallback.getAddress().getPort()));
        properties.putAll(changes);
        return new Binder(new MapConfigurationPropertySource(properties))
                .bind("hourledger.pusher", PusherSettings.class)
                .get();
    }

    private static HttpResult push(PusherSettings settings) {
        return GalleryConfiguration.marketplace(
                        settings, settings.sellerAccounts().getFirst())
                .usage()
                .push(
                        "{}".getBytes(UTF_8),
                        System.nanoTime() + Duration.ofSeconds(10).toNanos());
    }

    /** Nobody documents that it knows what the first has: a record that may be there could be billed at both. */
    @Test
    void unless_both_hosts_know_each_others_records_usage_waits_for_the_first() {
        assertThat(push(settings(Map.of()))).isInstanceOf(HttpResult.NotSent.class);
        assertThat(askedFallback).hasValue(0);
    }

    @Test
    void if_they_do_usage_goes_to_the_fallback() {
        PusherSettings settings = settings(Map.of("hourledger.pusher.hosts-know-each-other", "true"));
        assertThat(push(settings)).isInstanceOf(HttpResult.Answer.class);
        assertThat(askedFallback).hasValue(1);
    }

    @Test
    void an_order_is_looked_up_at_the_fallback_all_the_same() {
        PusherSettings settings = settings(Map.of());
        GalleryConfiguration.orderLookup(settings, settings.sellerAccounts().getFirst())
                .query("CS-1", "CS-1-1");
        assertThat(askedFallback).hasValue(1);
    }
}
