package io.hourledger.pusher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.SlowClients;
import io.hourledger.embedded.TestClock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Callbacks of both generations that nobody signed, that are stale, played again, too large, slow or no calls at all: none changes anything,
 * none is answered by a stack trace, and none leaves anything in memory. How many is the property {@code callbacks.fuzzed}.
 */
@Tag("servers")
@Timeout(1800)
@ExtendWith(OutputCaptureExtension.class)
class FuzzedCallbacksTest {

    private static final int COUNT = Integer.getInteger("callbacks.fuzzed", 3_000);
    private static final int CALLERS = 4;
    private static final String ADDRESS = "/callbacks/koogallery";
    private static final String[] ACTIVITIES = {
        "newInstance",
        "queryInstance",
        "refreshInstance",
        "expireInstance",
        "releaseInstance",
        "upgrade",
        "upgradeInstance",
        "instanceStatus",
        "updateInstanceStatus",
        "changeInstanceCheck",
        "dance"
    };

    private static final List<String> CHANGED_BY_CALLS = List.of(
            "ledger.event",
            "pusher.callback",
            "pusher.requested_instance",
            "pusher.order_in_call",
            "pusher.deferred_change",
            "pusher.undone_change",
            "pusher.dismissed_change",
            "pusher.named_product",
            "pusher.instance_key",
            "pusher.buyer_instance",
            "pusher.package_instance",
            "pusher.app_info",
            "pusher.awaited_app_info");

    private static final int SLOW_CALLERS = 20;
    private static final String SLOW_BODY =
            "POST /callbacks/koogallery?signature=a&timestamp=1&nonce=b HTTP/1.1\r\nHost: a\r\n"
                    + "Content-Length: 60000\r\n\r\n";

    /** Pools and caches may still grow a little; what is left of each of many calls would come to much more. */
    private static final long MOST_BYTES_MORE = 32L * 1024 * 1024;

    private static GalleryStub gallery;
    private static RunningPusher pusher;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final Map<String, LongAdder> answered = new ConcurrentHashMap<>();
    private String victim = "";
    private String played = "";
    private String playedBody = "";
    private String playedStamp = "";
    private static final String PLAYED_NONCE = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        gallery = new GalleryStub();
        pusher = new RunningPusher(gallery, new TestClock(Instant.parse("2026-11-24T09:00:00Z")));
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    @Test
    void none_of_many_calls_that_are_none_changes_anything_or_gets_a_trace(CapturedOutput output) throws Exception {
        victim = UUID.randomUUID().toString();
        FirstGenerationCall opening = FirstGenerationCall.of(
                "newInstance",
                "customerId",
                "buyer",
                "orderId",
                "CS-fuzzed",
                "productId",
                "web-requests",
                "businessId",
                victim);
        assertThat(pusher.callFirstGeneration(opening.query())
                        .path("resultCode")
                        .asString())
                .isEqualTo("000000");
        played = opening.query();
        playedBody = "{\"activity\":\"queryInstance\",\"instanceId\":\"" + victim + "\"}";
        playedStamp = Long.toString(Clock.systemUTC().millis());
        assertThat(pusher.send(playedBody, playedStamp, PLAYED_NONCE).statusCode())
                .isEqualTo(200);
        List<String> before = everything();
        callAll(COUNT / 4, 0);
        long afterAQuarter = usedBytes();
        try (SlowClients slow = SlowClients.attack(pusher.port(), SLOW_CALLERS, SLOW_BODY, " ")) {
            callAll(COUNT - COUNT / 4, CALLERS);
            assertThat(slow.goesOn()).isTrue();
        }

        System.out.println("fuzzed callbacks: " + COUNT + " " + new TreeMap<>(answered));
        assertThat(everything()).isEqualTo(before);
        assertThat(usedBytes()).isLessThan(afterAQuarter + MOST_BYTES_MORE);
        // the broker of the test lives in this JVM, and says when the machine is slow
        assertThat(output.getAll().lines())
                .filteredOn(line -> line.contains(" ERROR [") && !line.contains("] o.a.k."))
                .isEmpty();
    }

    /** What lives after a collection; the least of a few looks, since the service does other work, too. */
    private static long usedBytes() {
        return IntStream.range(0, 5)
                .mapToLong(look -> {
                    System.gc();
                    return ManagementFactory.getMemoryMXBean()
                            .getHeapMemoryUsage()
                            .getUsed();
                })
                .min()
                .orElseThrow();
    }

    /** So many calls, while the probe is asked. */
    private void callAll(int count, int seed) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random random = new Random(seed + i);
                runs.add(callers.submit(() -> {
                    for (int n = 0; n < count / CALLERS; n++) {
                        call(random);
                    }
                    return null;
                }));
            }
            await().atMost(Duration.ofMinutes(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> {
                        assertThat(pusher.get("/livez").statusCode()).isEqualTo(200);
                        return runs.stream().allMatch(Future::isDone);
                    });
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            callers.shutdownNow();
        }
    }

    /** All rows that a callback could change, as they stand. */
    private static List<String> everything() {
        return CHANGED_BY_CALLS.stream()
                .map(table -> table
                        + pusher.bean(JdbcClient.class)
                                .sql(
                                        "select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '')"
                                                + " from " + table + " t")
                                .query(String.class)
                                .single())
                .toList();
    }

    private void call(Random random) throws Exception {
        String kind =
                switch (random.nextInt(10)) {
                    case 0 -> forgedGet(random);
                    case 1 -> staleGet(random);
                    case 2 -> malformedGet(random);
                    case 3 -> oversizedGet(random);
                    case 4 -> forgedPost(random);
                    case 5 -> stalePost(random);
                    case 6 -> malformedPost(random);
                    case 7 -> get("replayed", played, "000000", "000001");
                    case 8 -> replayedPost();
                    default -> oversizedPost(random);
                };
        answered.computeIfAbsent(kind, any -> new LongAdder()).increment();
    }

    private FirstGenerationCall signedCall(Random random, Instant at) {
        return FirstGenerationCall.at(
                at,
                ZoneOffset.UTC,
                ACTIVITIES[random.nextInt(ACTIVITIES.length)],
                "instanceId",
                victim,
                "orderId",
                "CS-" + random.nextInt(1000),
                "productId",
                "web-requests",
                "businessId",
                text(random, 20),
                "customerId",
                text(random, 10),
                "instanceStatus",
                "FREEZE",
                "expireTime",
                "20271124023618");
    }

    /** Signed by the right key for other parameters, or by none. */
    private String forgedGet(Random random) throws Exception {
        FirstGenerationCall call = signedCall(random, Clock.systemUTC().instant());
        String token = call.token(GalleryStub.KEY);
        String changed =
                switch (random.nextInt(5)) {
                    case 0 -> token.substring(1) + token.charAt(0);
                    case 1 -> text(random, 44);
                    case 2 -> "";
                    case 3 -> call.token(text(random, 16));
                    default -> token.toLowerCase(Locale.ROOT) + "=";
                };
        return get("forged", call.query(changed), "000001");
    }

    private String staleGet(Random random) throws Exception {
        long seconds = 61 + random.nextInt(1_000_000);
        Instant at = Clock.systemUTC().instant().plusSeconds(random.nextBoolean() ? 10 + seconds : -seconds);
        return get("stale", signedCall(random, at).query(), "000001");
    }

    private String malformedGet(Random random) throws Exception {
        String query =
                switch (random.nextInt(6)) {
                    case 0 -> played + "&orderId=CS-other";
                    case 1 -> played.replace("activity=newInstance", "activity=releaseInstance");
                    case 2 -> played + "&x=%" + Integer.toHexString(0x80 + random.nextInt(0x40));
                    case 3 -> "a=" + "%00".repeat(1 + random.nextInt(50)) + "&authToken=&timeStamp=%00";
                    case 4 -> "&&&=&=&" + encoded(text(random, 30));
                    default -> encoded(text(random, 50)) + "=" + encoded(text(random, 50));
                };
        return get("malformed", query, "000001", "000002");
    }

    private String oversizedGet(Random random) throws Exception {
        String query = played + "&x=" + "y".repeat(random.nextInt(1, 200_000));
        try {
            return get("oversized", query, "000001", "400", "414");
        } catch (IOException closedWhileSending) {
            return "oversized V1.0 closed";
        }
    }

    private String get(String kind, String query, String... allowed) throws Exception {
        return kind + " V1.0 " + sent(HttpRequest.newBuilder(address(query)), allowed);
    }

    private String body(Random random) {
        return "{\"activity\":\"" + ACTIVITIES[random.nextInt(ACTIVITIES.length)] + "\",\"instanceId\":\"" + victim
                + "\",\"orderId\":\"CS-" + random.nextInt(1000) + "\",\"orderLineId\":\"1\",\"businessId\":\""
                + random.nextInt() + "\",\"status\":\"FREEZE\",\"expireTime\":\"20271124023618\"}";
    }

    private String forgedPost(Random random) throws Exception {
        return post(
                "forged", Clock.systemUTC().instant().toEpochMilli() + "", text(random, 64), body(random), "000001");
    }

    private String stalePost(Random random) throws Exception {
        long off = 61_000 + random.nextInt(1_000_000_000);
        String body = body(random);
        HttpResponse<byte[]> answer = pusher.send(
                body,
                Long.toString(
                        Clock.systemUTC().instant().toEpochMilli() + (random.nextBoolean() ? 10_000 + off : -off)),
                UUID.randomUUID().toString());
        return "stale V2.0 " + assess(answer.statusCode(), new String(answer.body(), UTF_8), "000001");
    }

    /** The identical call gets the stored answer, until its time stamp is stale. */
    private String replayedPost() throws Exception {
        HttpResponse<byte[]> answer = pusher.send(playedBody, playedStamp, PLAYED_NONCE);
        return "replayed V2.0 " + assess(answer.statusCode(), new String(answer.body(), UTF_8), "000000", "000001");
    }

    private String malformedPost(Random random) throws Exception {
        byte[] bytes = new byte[random.nextInt(2000)];
        random.nextBytes(bytes);
        String form = random.nextBoolean() ? "application/x-www-form-urlencoded" : "application/json";
        return "malformed V2.0 "
                + sent(
                        HttpRequest.newBuilder(address("signature=" + encoded(text(random, 10)) + "&timestamp="
                                        + encoded(text(random, 10)) + "&nonce=" + encoded(text(random, 10))))
                                .header("Content-Type", form)
                                .POST(BodyPublishers.ofByteArray(bytes)),
                        "000001");
    }

    private String oversizedPost(Random random) throws Exception {
        String body = body(random) + " ".repeat(random.nextInt(60_000, 200_000));
        try {
            return post("oversized", Clock.systemUTC().instant().toEpochMilli() + "", text(random, 64), body, "000001");
        } catch (IOException closedWhileSending) {
            return "oversized V2.0 closed";
        }
    }

    private String post(String kind, String timestamp, String signature, String body, String... allowed)
            throws Exception {
        return kind + " V2.0 "
                + sent(
                        HttpRequest.newBuilder(address("signature=" + encoded(signature) + "&timestamp=" + timestamp
                                        + "&nonce=" + UUID.randomUUID()))
                                .POST(BodyPublishers.ofString(body)),
                        allowed);
    }

    private static URI address(String query) {
        return URI.create("http://localhost:" + pusher.port() + ADDRESS + "?" + query);
    }

    private String sent(HttpRequest.Builder request, String... allowed) throws Exception {
        HttpResponse<String> answer =
                http.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
        return assess(answer.statusCode(), answer.body(), allowed);
    }

    /** The result code, or the status if there is none. */
    private static String assess(int status, String body, String... allowed) {
        assertThat(body).doesNotContain("Exception", "\tat ");
        String said = status == 200 ? body.replaceAll(".*\"resultCode\":\"([0-9]{6})\".*", "$1") : "" + status;
        assertThat(said).as(body).isIn((Object[]) allowed);
        return said;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    /** Of any characters but surrogates. */
    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) (random.nextInt(4) == 0 ? random.nextInt(0xd800) : 32 + random.nextInt(95)));
        }
        return text.toString();
    }
}
