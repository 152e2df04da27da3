package io.hourledger.benchmarks.gallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.benchmarks.report.BenchProgress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.json.JsonMapper;

/**
 * The marketplace's side of V2.0 callbacks: calls that leave at even times, however long answers take. A call is measured from the moment in
 * which it was due, so a stall counts for all calls that it delays.
 */
final class CallbackClient implements AutoCloseable {

    /** When the marketplace gives a call up (koogallery.md, section 4.2). */
    static final Duration GIVES_UP = Duration.ofSeconds(5);

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final URI address;
    private final SecretKeySpec key;
    private final String keyText;
    private final HttpClient http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    CallbackClient(URI address, String key) {
        this.address = address;
        this.keyText = key;
        this.key = new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256");
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(threads)
                .build();
    }

    /**
     * What came of the calls.
     *
     * @param nanos of each, from the moment in which it was due
     * @param answers how often each result code came; {@code none} for no answer
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Measured(long[] nanos, Map<String, Long> answers) {

        double millisOf(double share) {
            long[] sorted = nanos.clone();
            Arrays.sort(sorted);
            int at = (int) Math.ceil(share * sorted.length) - 1;
            return sorted[Math.max(0, Math.min(sorted.length - 1, at))] / 1e6;
        }

        long late() {
            return Arrays.stream(nanos).filter(one -> one > GIVES_UP.toNanos()).count();
        }

        long answered(String code) {
            return answers.getOrDefault(code, 0L);
        }

        /** Facts for the report. */
        Map<String, Object> facts() {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("calls", nanos.length);
            facts.put("answers", answers);
            facts.put("later_than_5_s", late());
            facts.put("p50_ms", millisOf(0.5));
            facts.put("p99_ms", millisOf(0.99));
            facts.put("max_ms", millisOf(1));
            return facts;
        }
    }

    /** Makes so many calls, so many a second. */
    Measured call(int calls, int perSecond, IntFunction<String> body, BenchProgress progress) {
        long[] nanos = new long[calls];
        Map<String, LongAdder> answers = new ConcurrentHashMap<>();
        AtomicInteger done = new AtomicInteger();
        long began = System.nanoTime();
        for (int number = 0; number < calls; number++) {
            int call = number;
            long due = began + TimeUnit.SECONDS.toNanos(1) * number / perSecond;
            pauseUntil(due);
            var unused = threads.submit(() -> {
                String code = send(body.apply(call));
                nanos[call] = System.nanoTime() - due;
                answers.computeIfAbsent(code, any -> new LongAdder()).increment();
                done.incrementAndGet();
            });
            progress.at(done.get());
        }
        while (done.get() < calls) {
            pauseUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50));
            progress.at(done.get());
        }
        Map<String, Long> counted = new LinkedHashMap<>();
        answers.forEach((code, count) -> counted.put(code, count.sum()));
        return new Measured(nanos, counted);
    }

    private String send(String body) {
        String timestamp = Long.toString(Clock.systemUTC().millis());
        String nonce = UUID.randomUUID().toString();
        String inner = HexFormat.of().formatHex(hmac(body));
        String signature = HexFormat.of().formatHex(hmac(keyText + nonce + timestamp + inner));
        try {
            HttpResponse<byte[]> answer = http.send(
                    HttpRequest.newBuilder(URI.create(address + "/callbacks/koogallery?signature=" + signature
                                    + "&timestamp=" + timestamp + "&nonce=" + nonce))
                            .timeout(LONGEST)
                            .header("Content-Type", "application/json;charset=utf8")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            return JSON.readTree(answer.body()).path("resultCode").asString("none");
        } catch (IOException | RuntimeException noAnswer) {
            return "none";
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return "none";
        }
    }

    private byte[] hmac(String text) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    private static void pauseUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() {
        http.close();
        threads.close();
    }
}
