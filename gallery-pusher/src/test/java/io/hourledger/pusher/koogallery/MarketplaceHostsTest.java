package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("servers")
class MarketplaceHostsTest {

    private static final byte[] BODY = "{}".getBytes(UTF_8);

    private final List<HttpServer> servers = new ArrayList<>();
    private final CountDownLatch testOver = new CountDownLatch(1);

    @AfterEach
    void stop() {
        testOver.countDown();
        servers.forEach(server -> server.stop(0));
    }

    private URI server(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", handler);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        servers.add(server);
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    private static URI nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return URI.create("http://localhost:" + socket.getLocalPort());
        }
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(200, body.length());
        exchange.getResponseBody().write(body.getBytes(UTF_8));
        exchange.close();
    }

    private static HttpResult push(URI base, URI fallback, Duration timeout) {
        return new UsagePushClient(
                        new MarketplaceHosts(base, fallback, Duration.ofSeconds(1), timeout),
                        SellerKeys.of("key", null),
                        Clock.systemUTC())
                .push(BODY, System.nanoTime() + Duration.ofSeconds(10).toNanos());
    }

    @Test
    void when_the_first_host_takes_no_connection_the_fallback_gets_the_call() throws IOException {
        URI fallback = server(exchange -> answer(exchange, "hello"));
        assertThat(push(nobody(), fallback, Duration.ofSeconds(5)))
                .isInstanceOfSatisfying(
                        HttpResult.Answer.class,
                        answer -> assertThat(answer.body()).asString().isEqualTo("hello"));
    }

    /** A vendor's network may let nothing out but through it. */
    @Test
    void calls_go_through_the_proxy_that_the_jvm_was_told() throws IOException {
        List<URI> asked = new ArrayList<>();
        URI proxy = server(exchange -> {
            asked.add(exchange.getRequestURI());
            answer(exchange, "through the proxy");
        });
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress("localhost", proxy.getPort())));
        try {
            assertThat(push(URI.create("http://marketplace.invalid"), null, Duration.ofSeconds(5)))
                    .isInstanceOfSatisfying(
                            HttpResult.Answer.class,
                            answer -> assertThat(answer.body()).asString().isEqualTo("through the proxy"));
        } finally {
            ProxySelector.setDefault(before);
        }
        assertThat(asked).singleElement().satisfies(uri -> assertThat(uri.getHost())
                .isEqualTo("marketplace.invalid"));
    }

    @Test
    void when_nobody_takes_a_connection_the_call_was_certainly_not_sent() throws IOException {
        assertThat(push(nobody(), null, Duration.ofSeconds(5))).isInstanceOf(HttpResult.NotSent.class);
    }

    @Test
    void a_host_that_takes_the_call_and_hangs_up_leaves_us_in_the_dark_and_the_fallback_is_not_asked()
            throws IOException {
        AtomicInteger askedFallback = new AtomicInteger();
        URI hangsUp = server(exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.close();
        });
        URI fallback = server(exchange -> {
            askedFallback.incrementAndGet();
            answer(exchange, "");
        });
        assertThat(push(hangsUp, fallback, Duration.ofSeconds(5))).isInstanceOf(HttpResult.Silence.class);
        assertThat(askedFallback).hasValue(0);
    }

    @Test
    void an_answer_that_does_not_come_in_time_is_silence() throws IOException {
        URI silent = server(exchange -> waitForTheEnd());
        assertThat(push(silent, null, Duration.ofMillis(200))).isInstanceOf(HttpResult.Silence.class);
    }

    @Test
    void an_answer_that_begins_and_never_ends_is_silence() throws IOException {
        URI dripping = server(exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write("{\"error_code\"".getBytes(UTF_8));
            exchange.getResponseBody().flush();
            waitForTheEnd();
        });
        assertThat(push(dripping, null, Duration.ofMillis(300))).isInstanceOf(HttpResult.Silence.class);
    }

    @Test
    void of_an_endless_answer_only_the_beginning_is_kept() throws IOException {
        URI talkative = server(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = new byte[64 * 1024];
            try {
                for (int i = 0; i < 1000; i++) {
                    exchange.getResponseBody().write(chunk);
                }
            } catch (IOException hungUp) {
                exchange.close();
            }
        });
        assertThat(push(talkative, null, Duration.ofSeconds(5)))
                .isInstanceOfSatisfying(HttpResult.Answer.class, answer -> assertThat(answer.body())
                        .hasSize(UsagePushPort.MAX_ANSWER_BYTES));
    }

    @Test
    void a_redirect_is_not_followed() throws IOException {
        URI moved = server(exchange -> {
            exchange.getResponseHeaders().add("Location", "http://localhost:1/elsewhere");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        assertThat(push(moved, null, Duration.ofSeconds(5)))
                .isInstanceOfSatisfying(HttpResult.Answer.class, answer -> assertThat(answer.status())
                        .isEqualTo(302));
    }

    @Test
    void after_its_latest_moment_a_call_is_not_sent() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        URI host = server(exchange -> {
            asked.incrementAndGet();
            answer(exchange, "");
        });
        UsagePushClient client = new UsagePushClient(
                new MarketplaceHosts(host, null, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                SellerKeys.of("key", null),
                Clock.systemUTC());
        assertThat(client.push(BODY, System.nanoTime() - 1)).isInstanceOf(HttpResult.NotMade.class);
        assertThat(asked).hasValue(0);
    }

    @Test
    void a_host_that_keeps_taking_no_connection_is_passed_over() throws IOException {
        URI fallback = server(exchange -> answer(exchange, "hello"));
        MarketplaceHosts hosts = new MarketplaceHosts(nobody(), fallback, Duration.ofSeconds(1), Duration.ofSeconds(1));
        UsagePushClient client = new UsagePushClient(hosts, SellerKeys.of("key", null), Clock.systemUTC());
        for (int i = 0; i < 6; i++) {
            assertThat(client.push(
                            BODY, System.nanoTime() + Duration.ofSeconds(5).toNanos()))
                    .isInstanceOf(HttpResult.Answer.class);
        }
        assertThat(hosts.passedOver()).isTrue();
    }

    /** Behind a balancer "the host is down" is a status; a call that it took goes to no other host before it is settled. */
    @ParameterizedTest
    @ValueSource(ints = {502, 503, 504})
    void a_host_that_answers_as_a_dead_balancer_is_passed_over(int status) throws IOException {
        AtomicInteger asked = new AtomicInteger();
        URI first = server(exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        assertPassedOverAfterTwoCalls(first, asked);
    }

    @Test
    void a_host_that_takes_calls_and_hangs_up_is_passed_over() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        URI first = server(exchange -> {
            asked.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            exchange.close();
        });
        assertPassedOverAfterTwoCalls(first, asked);
    }

    @Test
    void a_host_that_refuses_calls_with_a_reason_is_alive() throws IOException {
        AtomicInteger askedFallback = new AtomicInteger();
        URI first = server(exchange -> {
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
        });
        URI fallback = server(exchange -> {
            askedFallback.incrementAndGet();
            answer(exchange, "hello");
        });
        UsagePushClient client = client(first, fallback);
        for (int i = 0; i < 6; i++) {
            client.push(BODY, inTime());
        }
        assertThat(askedFallback).hasValue(0);
    }

    private void assertPassedOverAfterTwoCalls(URI first, AtomicInteger asked) throws IOException {
        AtomicInteger askedFallback = new AtomicInteger();
        URI fallback = server(exchange -> {
            askedFallback.incrementAndGet();
            answer(exchange, "hello");
        });
        UsagePushClient client = client(first, fallback);
        for (int i = 0; i < 2; i++) {
            client.push(BODY, inTime());
        }
        assertThat(askedFallback).as("one call, one permit").hasValue(0);
        for (int i = 0; i < 3; i++) {
            assertThat(client.push(BODY, inTime())).isInstanceOf(HttpResult.Answer.class);
        }
        assertThat(asked).hasValue(2);
        assertThat(askedFallback).hasValue(3);
    }

    private static UsagePushClient client(URI first, URI fallback) {
        return new UsagePushClient(
                new MarketplaceHosts(first, fallback, Duration.ofSeconds(1), Duration.ofSeconds(5)),
                SellerKeys.of("key", null),
                Clock.systemUTC());
    }

    /** Whatever broke while it was asked whether it takes connections again. */
    @Test
    void a_host_that_was_passed_over_is_asked_again_although_asking_broke_once() throws IOException {
        URI first = nobody();
        URI fallback = server(exchange -> answer(exchange, "hello"));
        MarketplaceHosts hosts = new MarketplaceHosts(
                first, fallback, Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMillis(200));
        List<URI> asked = new ArrayList<>();
        Function<URI, HttpRequest> request = base -> {
            asked.add(base);
            return HttpRequest.newBuilder(base).build();
        };
        await().until(() -> {
            hosts.send(request, inTime());
            return hosts.passedOver();
        });
        await().until(() -> {
            AtomicBoolean broke = new AtomicBoolean();
            try {
                hosts.send(
                        base -> {
                            broke.set(base.equals(first));
                            if (broke.get()) {
                                throw new IllegalStateException("no signature can be made");
                            }
                            return HttpRequest.newBuilder(base).build();
                        },
                        inTime());
            } catch (IllegalStateException meant) {
                assertThat(broke).isTrue();
            }
            return broke.get();
        });
        asked.clear();
        hosts.send(request, inTime());
        assertThat(asked).startsWith(first);
    }

    private static long inTime() {
        return System.nanoTime() + Duration.ofSeconds(10).toNanos();
    }

    private void waitForTheEnd() {
        try {
            testOver.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
