package io.hourledger.pusher.koogallery;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The marketplace's host and the one to go to when it cannot be reached (koogallery.md, section 1.1). A host that takes no connection, or
 * answers as a dead balancer does, or not at all, is passed over for a while; the last one left is always tried.
 */
public final class MarketplaceHosts {

    private static final Logger LOG = LoggerFactory.getLogger(MarketplaceHosts.class);
    private static final Set<Integer> DEAD_BALANCER = Set.of(502, 503, 504);
    private static final Duration PASSED_OVER_FOR = Duration.ofSeconds(30);

    private final HttpClient http;
    private final List<Host> hosts = new ArrayList<>();
    private final Duration answerTimeout;

    private record Host(URI base, CircuitBreaker connections) {}

    /**
     * @param base such as {@code https://mkt.myhuaweicloud.com}
     * @param fallback the host to try when the first is down; null for none
     * @param connectTimeout for making a connection, by the machine's time
     * @param answerTimeout from sending to the last byte of the answer, by the machine's time
     */
    public MarketplaceHosts(URI base, @Nullable URI fallback, Duration connectTimeout, Duration answerTimeout) {
        this(base, fallback, connectTimeout, answerTimeout, PASSED_OVER_FOR);
    }

    /**
     * @param passedOverFor how long a host that is down is not asked
     */
    MarketplaceHosts(
            URI base, @Nullable URI fallback, Duration connectTimeout, Duration answerTimeout, Duration passedOverFor) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .build();
        this.answerTimeout = answerTimeout;
        hosts.add(host("first", base, passedOverFor));
        if (fallback != null) {
            hosts.add(host("fallback", fallback, passedOverFor));
        }
    }

    /**
     * Sends a request to the first host that takes a connection.
     *
     * @param request makes the request for a base address
     * @param latestSendNanos the last moment, by {@link System#nanoTime()}, at which a connection may be begun
     */
    HttpResult send(Function<URI, HttpRequest> request, long latestSendNanos) {
        @Nullable String why = null;
        for (int i = 0; i < hosts.size(); i++) {
            Host host = hosts.get(i);
            boolean last = i == hosts.size() - 1;
            if (!last && !host.connections.tryAcquirePermission()) {
                continue;
            }
            long began = System.nanoTime();
            if (began - latestSendNanos > 0) {
                host.connections.releasePermission();
                return why == null
                        ? new HttpResult.NotMade("its time to be sent had passed")
                        : new HttpResult.NotSent(why);
            }
            HttpResult result = null;
            try {
                result = exchange(request.apply(host.base));
            } finally {
                if (result == null) {
                    host.connections.releasePermission();
                }
            }
            String dead = signOfDeath(result);
            if (dead == null) {
                host.connections.onSuccess(System.nanoTime() - began, TimeUnit.NANOSECONDS);
                return result;
            }
            host.connections.onError(System.nanoTime() - began, TimeUnit.NANOSECONDS, new ConnectException(dead));
            LOG.atWarn()
                    .addKeyValue("host", host.base.getHost())
                    .addKeyValue("why", dead)
                    .log("a host of the marketplace does not answer");
            if (!(result instanceof HttpResult.NotSent)) {
                return result;
            }
            why = dead;
        }
        return new HttpResult.NotSent(why == null ? "no host" : why);
    }

    /**
     * Why a host looks dead; null if it does not. Behind a balancer a dead host answers, and a call that it took may have arrived: then the
     * next call tells, under a permit of its own.
     */
    private static @Nullable String signOfDeath(HttpResult result) {
        return switch (result) {
            case HttpResult.NotSent(String why) -> why;
            case HttpResult.Silence(String why) -> why;
            case HttpResult.Answer answer -> DEAD_BALANCER.contains(answer.status()) ? "HTTP " + answer.status() : null;
            case HttpResult.NotMade _, HttpResult.KeyRefused _ -> null;
        };
    }

    /** Whether the first host is not asked at the moment. */
    public boolean passedOver() {
        return hosts.size() > 1 && hosts.get(0).connections.getState() == CircuitBreaker.State.OPEN;
    }

    private HttpResult exchange(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> pending =
                http.sendAsync(request, head -> new BoundedBody(UsagePushPort.MAX_ANSWER_BYTES));
        try {
            HttpResponse<byte[]> response = pending.get(answerTimeout.toMillis(), TimeUnit.MILLISECONDS);
            return new HttpResult.Answer(
                    response.statusCode(),
                    response.headers().firstValue("Retry-After").orElse(null),
                    response.body());
        } catch (TimeoutException noAnswer) {
            pending.cancel(true);
            return new HttpResult.Silence("no answer within " + answerTimeout);
        } catch (InterruptedException stopped) {
            pending.cancel(true);
            Thread.currentThread().interrupt();
            return new HttpResult.Silence("stopped while waiting for the answer");
        } catch (ExecutionException failed) {
            return neverConnected(failed)
                    ? new HttpResult.NotSent(describe(failed))
                    : new HttpResult.Silence(describe(failed));
        }
    }

    /** A failed TLS handshake counts too: the request goes out only after it. */
    private static boolean neverConnected(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof HttpConnectTimeoutException
                    || cause instanceof UnresolvedAddressException
                    || cause instanceof UnknownHostException
                    || cause instanceof SSLHandshakeException
                    || cause instanceof SSLPeerUnverifiedException) {
                return true;
            }
        }
        return false;
    }

    private static String describe(ExecutionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private Host host(String name, URI base, Duration passedOverFor) {
        return new Host(
                base,
                CircuitBreaker.of(
                        "gallery-" + name,
                        CircuitBreakerConfig.custom()
                                .slidingWindow(4, 2, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                                .failureRateThreshold(60)
                                .waitDurationInOpenState(passedOverFor)
                                .permittedNumberOfCallsInHalfOpenState(1)
                                .maxWaitDurationInHalfOpenState(answerTimeout.plus(PASSED_OVER_FOR))
                                .build()));
    }
}
