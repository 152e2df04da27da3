package io.hourledger.ingest.token;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
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
import java.util.function.LongSupplier;
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

    private static final int MOST_QUESTIONS = 1_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final AccessTokenSettings settings;
    private final Function<JWKSet, T> made;
    private final HttpClient http;
    private final ScheduledExecutorService thread;
    private final LongSupplier nanoTime;
    private final long startedNanos;

    /**
     * When none of the keys fitted a token, by the token and not by the id of its key: anybody may ask for a key before the issuer publishes it,
     * and would have it called missing when the first rightful token comes.
     */
    private final Map<String, Question> questions = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Question> eldest) {
            return size() > MOST_QUESTIONS;
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

    /** A token for which no key was found, in elapsed time. */
    private record Question(long firstNanos, long lastNanos) {}

    /**
     * @param nanoTime elapsed time
     */
    IssuerKeys(AccessTokenSettings settings, Function<JWKSet, T> made, LongSupplier nanoTime) {
        this.settings = settings;
        this.made = made;
        this.nanoTime = nanoTime;
        this.startedNanos = nanoTime.getAsLong();
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
        IssuerKeys<T> keys = new IssuerKeys<>(settings, made, System::nanoTime);
        @SuppressWarnings("unused") // ends with the thread
        Future<?> following = keys.thread.scheduleWithFixedDelay(keys::tick, 0, TICK.toNanos(), TimeUnit.NANOSECONDS);
        return keys;
    }

    /** What was read last; null if nothing was read yet. */
    @Nullable Known<T> known() {
        return known;
    }

    /** Whether one of the keys may have made a signature with this header. */
    static boolean haveOneFor(JWSHeader header, JWKSet keys) {
        return !new JWKSelector(JWKMatcher.forJWSHeader(header)).select(keys).isEmpty();
    }

    /**
     * Has the keys read again soon, since none of them fits a token.
     *
     * @param token which token it is, whoever brings it
     * @return whether it is certain that the issuer has no key for it: they were read a whole {@code refresh} after it was first asked, which
     *     leaves an issuer that publishes through caches time to show a new key
     */
    boolean isMissingFor(String token) {
        long now = nanoTime.getAsLong();
        long refresh = settings.refresh().toNanos();
        long forgotten = 2 * refresh + PAUSE.toNanos();
        long first;
        synchronized (questions) {
            Question before = questions.get(token);
            first = before == null || now - before.lastNanos > forgotten ? now : before.firstNanos;
            questions.put(token, new Question(first, now));
        }
        isWanted = true;
        Known<T> read = known;
        return read != null && read.begunNanos - first >= refresh;
    }

    /** How many are known; none before they were read once. */
    int count() {
        Known<T> now = known;
        return now == null ? 0 : now.keys.size();
    }

    /** How long ago the keys that are known were read, in seconds; since the start if none were. */
    double secondsSinceRead() {
        Known<T> now = known;
        return (nanoTime.getAsLong() - (now == null ? startedNanos : now.begunNanos)) / 1e9;
    }

    /** Reads the keys if it is time. */
    void tick() {
        long now = nanoTime.getAsLong();
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
            JWKSet keys = usable(JWKSet.parse(read(jwks())).toPublicJWKSet());
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

    /** An issuer that starts or is ill may answer with no keys at all, which withdraws none of those before. */
    private JWKSet usable(JWKSet keys) throws IOException {
        if (settings.jwsAlgorithms().stream()
                .noneMatch(algorithm -> haveOneFor(new JWSHeader.Builder(algorithm).build(), keys))) {
            throw new IOException("none of its " + keys.size() + " public keys is for one of " + settings.algorithms());
        }
        return keys;
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
