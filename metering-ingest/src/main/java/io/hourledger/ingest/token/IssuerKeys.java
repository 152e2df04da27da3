package io.hourledger.ingest.token;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Follows the public keys of the issuer in a thread of its own. Whoever asks gets what was read last and never waits. While the issuer does
 * not answer, what was read before holds.
 *
 * @param <T> what is made of a set of keys, once for each
 */
final class IssuerKeys<T> implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final int MOST_BYTES = 512 * 1024;
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(5);

    /** How often it is looked whether there is something to do. */
    private static final Duration TICK = Duration.ofMillis(200);

    /** Whoever sends tokens of unknown keys makes the issuer be asked no more often than this. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private static final int MOST_ASKED_FOR = 100;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final AccessTokenSettings settings;
    private final Function<JWKSet, T> made;
    private final HttpClient http;
    private final ScheduledExecutorService thread;
    private final long startedNanos = System.nanoTime();

    /** When a key was first asked for that was not known, by its id. */
    private final Map<String, Long> askedFor = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST_ASKED_FOR;
        }
    };

    private volatile @Nullable Known<T> known;
    private volatile boolean isWanted = true;
    private boolean failedBefore;
    private long triedNanos;

    /**
     * Keys of the issuer.
     *
     * @param begunNanos when they were begun to be read, in elapsed time: what the issuer published before is among them
     */
    record Known<T>(JWKSet keys, T made, long begunNanos) {}

    private IssuerKeys(AccessTokenSettings settings, Function<JWKSet, T> made) {
        this.settings = settings;
        this.made = made;
        this.http = HttpClient.newBuilder()
                .connectTimeout(ANSWERED_WITHIN)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.triedNanos = startedNanos - PAUSE.toNanos();
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread following = new Thread(task, "issuer-keys");
            following.setDaemon(true);
            return following;
        });
    }

    /** Begins to follow. The start does not wait for the issuer. */
    static <T> IssuerKeys<T> start(AccessTokenSettings settings, Function<JWKSet, T> made) {
        IssuerKeys<T> keys = new IssuerKeys<>(settings, made);
        @SuppressWarnings("unused") // ends with the thread
        Future<?> following = keys.thread.scheduleWithFixedDelay(keys::tick, 0, TICK.toNanos(), TimeUnit.NANOSECONDS);
        return keys;
    }

    /** What was read last; null if nothing was read yet. */
    @Nullable Known<T> known() {
        return known;
    }

    /**
     * Has the keys read again soon, since one is not among them.
     *
     * @param keyId of the key; empty if the token names none
     * @return whether they were read since this key was first asked for, so it is certain that the issuer has none
     */
    boolean isMissing(String keyId) {
        long first;
        synchronized (askedFor) {
            first = askedFor.computeIfAbsent(keyId, id -> System.nanoTime());
        }
        isWanted = true;
        Known<T> now = known;
        return now != null && now.begunNanos - first > 0;
    }

    /** How long ago the keys that are known were read, in seconds; since the start if none were. */
    double secondsSinceRead() {
        Known<T> now = known;
        return (System.nanoTime() - (now == null ? startedNanos : now.begunNanos)) / 1e9;
    }

    private void tick() {
        long now = System.nanoTime();
        Known<T> before = known;
        boolean isDue = before == null
                || isWanted
                || now - before.begunNanos >= settings.refresh().toNanos();
        if (isDue && now - triedNanos >= PAUSE.toNanos()) {
            triedNanos = now;
            isWanted = false;
            look(before, now);
        }
    }

    private void look(@Nullable Known<T> before, long now) {
        try {
            JWKSet keys = JWKSet.parse(read(jwks())).toPublicJWKSet();
            boolean isKnown = before != null && before.keys.equals(keys);
            known = new Known<>(keys, before != null && isKnown ? before.made : made.apply(keys), now);
            if (!isKnown || failedBefore) {
                log.atInfo().addKeyValue("keys", keys.size()).log("keys of the issuer of access tokens learned");
            }
            failedBefore = false;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (Throwable failed) { // whoever follows no more would go on with old keys for ever, and say nothing
            if (!failedBefore) {
                log.atWarn()
                        .addKeyValue("issuer", settings.issuer())
                        .setCause(failed)
                        .log("keys of the issuer not read, what is known so far holds, trying again");
            }
            failedBefore = true;
        }
    }

    private URI jwks() throws IOException, InterruptedException {
        URI named = settings.jwks();
        if (named != null) {
            return named;
        }
        String issuer = settings.issuer().replaceAll("/+$", "");
        try {
            String address = JSON.readTree(read(URI.create(issuer + DISCOVERY)))
                    .path("jwks_uri")
                    .asString("");
            URI found = URI.create(address);
            if (!AccessTokenSettings.isTrusted(found)) {
                throw new IOException("the issuer names no https: address as jwks_uri, but " + address);
            }
            return found;
        } catch (JacksonException | IllegalArgumentException unreadable) {
            throw new IOException(issuer + DISCOVERY + " cannot be read", unreadable);
        }
    }

    private String read(URI address) throws IOException, InterruptedException {
        if ("file".equals(address.getScheme())) {
            return Files.readString(Path.of(address));
        }
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Accept", "application/json")
                .build();
        CompletableFuture<HttpResponse<String>> exchange =
                http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MOST_BYTES));
        try {
            // a request's own time-out ends with the headers; this one covers the body, too
            HttpResponse<String> answer = exchange.get(ANSWERED_WITHIN.toNanos(), TimeUnit.NANOSECONDS);
            if (answer.statusCode() != 200) {
                throw new IOException(address + " answers " + answer.statusCode());
            }
            return answer.body();
        } catch (ExecutionException broken) {
            throw new IOException(address + " gives no answer", broken.getCause());
        } catch (TimeoutException slow) {
            throw new IOException(address + " gives no answer within " + ANSWERED_WITHIN, slow);
        } finally {
            exchange.cancel(true);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        http.shutdownNow();
    }
}
