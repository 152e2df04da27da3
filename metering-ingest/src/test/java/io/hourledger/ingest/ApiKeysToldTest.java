package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.embedded.TestBroker;
import io.hourledger.ingest.RunningIngest.Answer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ingest takes usage by the keys that it was told of, and needs no database for it. */
@Tag("servers")
class ApiKeysToldTest {

    private static final UUID INSTALLATION = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final String OLD = "hlk_old";
    private static final String NEW = "hlk_new";
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final KeyScope SHOP = new KeyScope(List.of("/shop"), List.of(), Set.of(), Set.of());

    private final String topic = TestBroker.freshName("usage");
    private long version;
    private KeysTopic keysTopic;

    @BeforeEach
    void makeTopic() throws Exception {
        keysTopic = KeysTopic.make(topic);
    }

    private static String sha256(String secret) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8)));
    }

    private static ApiKey key(KeyScope scope, KeyLimits limits, String... secrets) throws Exception {
        Set<KeySecret> hashes = new HashSet<>();
        for (String secret : secrets) {
            hashes.add(KeySecret.lasting(sha256(secret)));
        }
        return new ApiKey("key-7", "eu", hashes, scope, limits);
    }

    private void tell(ApiKey... keys) throws Exception {
        keysTopic.tell(new ToldKeys(INSTALLATION, 1, ++version, List.of(keys)));
    }

    private RunningIngest start() {
        return RunningIngest.startAt(TestBroker.bootstrapServers(), topic);
    }

    private static Answer send(RunningIngest ingest, String secret, String event) {
        return ingest.post(
                "application/cloudevents+json", event, "Authorization", "Bearer " + secret, "traceparent", TRACE);
    }

    private static void awaitAnswer(RunningIngest ingest, String secret, int status) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> send(ingest, secret, event("again")).status() == status);
    }

    @Test
    void a_key_is_made_rotated_and_revoked_while_ingest_runs() throws Exception {
        try (RunningIngest ingest = start()) {
            tell();
            awaitAnswer(ingest, OLD, 401);

            tell(key(SHOP, KeyLimits.NONE, OLD));
            awaitAnswer(ingest, OLD, 202);
            tell(key(SHOP, KeyLimits.NONE, OLD, NEW));
            awaitAnswer(ingest, NEW, 202);
            assertThat(send(ingest, OLD, event("b")).status()).isEqualTo(202);

            tell(key(SHOP, KeyLimits.NONE, NEW));
            awaitAnswer(ingest, OLD, 401);
            assertThat(send(ingest, NEW, event("c")).status()).isEqualTo(202);
            tell();
            awaitAnswer(ingest, NEW, 401);
            assertThat(ingest.one(event("d")).status())
                    .as("the key of the settings")
                    .isEqualTo(202);
        }
    }

    @Test
    void what_was_told_before_a_revocation_does_not_bring_the_key_back() throws Exception {
        tell(key(SHOP, KeyLimits.NONE, OLD));
        ToldKeys before = new ToldKeys(INSTALLATION, 1, version, List.of(key(SHOP, KeyLimits.NONE, OLD)));
        tell();
        keysTopic.tell(before);
        try (RunningIngest ingest = start()) {
            assertThat(send(ingest, OLD, event("a")).status()).isEqualTo(401);
        }
    }

    @Test
    void a_restored_database_is_believed_though_its_last_change_is_older() throws Exception {
        tell(key(SHOP, KeyLimits.NONE, NEW));
        keysTopic.tell(new ToldKeys(INSTALLATION, 2, 0, List.of(key(SHOP, KeyLimits.NONE, OLD))));
        try (RunningIngest ingest = start()) {
            assertThat(send(ingest, OLD, event("a")).status()).isEqualTo(202);
            assertThat(send(ingest, NEW, event("a")).status()).isEqualTo(401);
        }
    }

    /** The number of an incarnation is drawn by each installation from one on. */
    @Test
    void the_keys_of_an_installation_that_took_over_replace_those_of_the_dead_one() throws Exception {
        keysTopic.tell(new ToldKeys(INSTALLATION, 37, 900, List.of(key(SHOP, KeyLimits.NONE, OLD))));
        UUID another = UUID.fromString("00000000-0000-4000-8000-000000000002");
        keysTopic.tell(new ToldKeys(another, 1, 1, List.of(key(SHOP, KeyLimits.NONE, NEW))));
        try (RunningIngest ingest = start()) {
            assertThat(send(ingest, NEW, event("a")).status()).isEqualTo(202);
            assertThat(send(ingest, OLD, event("a")).status()).isEqualTo(401);
        }
    }

    /** A client gives usage up that is answered 401. */
    @Test
    void a_secret_is_called_unknown_only_by_ingest_that_was_told_of_keys() throws Exception {
        try (RunningIngest ingest = start()) {
            Answer untold = send(ingest, OLD, event("a"));
            assertThat(untold.status()).isEqualTo(503);
            assertThat(untold.header("Retry-After")).isNotEmpty();
            assertThat(ingest.one(event("b")).status())
                    .as("the key of the settings")
                    .isEqualTo(202);
            assertThat(readiness(ingest)).isEqualTo(200);
        }
    }

    @Test
    void ingest_that_cannot_read_the_keys_is_not_ready_and_goes_on_once_it_can() throws Exception {
        keysTopic.tell("null".getBytes(UTF_8));
        try (RunningIngest ingest = start()) {
            assertThat(send(ingest, OLD, event("a")).status()).isEqualTo(503);
            assertThat(readiness(ingest)).isEqualTo(503);

            tell(key(SHOP, KeyLimits.NONE, OLD));
            awaitAnswer(ingest, OLD, 202);
            assertThat(readiness(ingest)).isEqualTo(200);
        }
    }

    private static int readiness(RunningIngest ingest) {
        return ingest.get("/actuator/health/readiness").status();
    }

    @Test
    void lines_are_bounded_by_the_size_of_the_key_and_a_share_that_is_too_small_is_no_reason_to_wait()
            throws Exception {
        tell(
                key(SHOP, new KeyLimits(0, 4_000, 0), OLD),
                new ApiKey("key-8", "small", Set.of(KeySecret.lasting(sha256(NEW))), SHOP, new KeyLimits(0, 0, 1)));
        try (RunningIngest ingest = RunningIngest.startAt(
                TestBroker.bootstrapServers(),
                topic,
                "hourledger.ingest.max-body=32KB",
                "hourledger.ingest.max-bytes-in-flight=256KB")) {
            String lines = String.join("\n", Collections.nCopies(100, event("a")));
            for (String secret : List.of(OLD, NEW)) {
                Answer answer = ingest.post("application/x-ndjson", lines, "Authorization", "Bearer " + secret);
                assertThat(answer.status()).isEqualTo(413);
                assertThat(answer.text("/code")).isEqualTo("body_too_large");
            }
        }
    }

    @Test
    void ingest_that_starts_knows_the_keys_and_says_in_the_log_which_key_an_event_came_with() throws Exception {
        KeyScope bound =
                new KeyScope(List.of("/shop"), List.of(), Set.of("web.egress"), Set.of("i-1"), Set.of("b", "a"));
        tell(key(bound, KeyLimits.NONE, OLD));
        try (RunningIngest ingest = start()) {
            assertThat(send(ingest, OLD, event("a")).status()).isEqualTo(202);

            Answer another = send(ingest, OLD, event("b").replace("i-1", "i-2"));
            assertThat(another.status()).isEqualTo(403);
            assertThat(another.text("/field")).isEqualTo("subject");
            assertThat(send(ingest, OLD, event("c").replace("/shop", "/mail")).text("/field"))
                    .isEqualTo("source");

            ConsumerRecord<byte[], byte[]> logged = ingest.logged().getFirst();
            assertThat(new String(logged.headers().lastHeader("hourledger-key").value(), UTF_8))
                    .isEqualTo("key-7");
            assertThat(new String(
                            logged.headers().lastHeader("hourledger-products").value(), UTF_8))
                    .isEqualTo("[\"a\",\"b\"]");
            assertThat(new String(logged.headers().lastHeader("traceparent").value(), UTF_8))
                    .isEqualTo(TRACE);
        }
    }

    @Test
    void a_key_is_held_to_its_own_size_and_rate() throws Exception {
        tell(key(SHOP, new KeyLimits(1, 4_000, 0), OLD));
        try (RunningIngest ingest = start()) {
            String twenty = String.join("\n", Collections.nCopies(20, event("a")));
            String[] asOld = {"Authorization", "Bearer " + OLD};
            assertThat(ingest.post("application/cloudevents-batch+json", "[" + " ".repeat(4_000) + "]", asOld)
                            .status())
                    .isEqualTo(413);
            assertThat(ingest.post("application/x-ndjson", twenty, asOld).status())
                    .isEqualTo(202);
            Answer tooFast = send(ingest, OLD, event("b"));
            assertThat(tooFast.status()).isEqualTo(429);
            assertThat(tooFast.text("/code")).isEqualTo("rate_exceeded");
            assertThat(Integer.parseInt(tooFast.header("Retry-After"))).isBetween(1, 20);
            assertThat(ingest.one(event("b")).status()).as("another key").isEqualTo(202);
            awaitAnswer(ingest, OLD, 202);
        }
    }
}
