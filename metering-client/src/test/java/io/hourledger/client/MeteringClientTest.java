package io.hourledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hourledger.client.ScriptedService.Reply;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("fast")
class MeteringClientTest {

    private static final Instant NOW = Instant.parse("2026-11-24T13:05:00.123456789Z");
    private static final SummedMeter EGRESS = SummedMeter.of("web.egress", "bytes");
    private static final CountedMeter REQUESTS = CountedMeter.of("web.request");
    private static final Duration LONG = Duration.ofMinutes(3);

    private final ScriptedService service = new ScriptedService();
    private final Notes notes = new Notes();
    private volatile String key = "key-1";

    @TempDir
    Path folder;

    private static final class Notes implements MeteringListener {
        final List<RejectedUsage> rejected = new CopyOnWriteArrayList<>();
        final List<String> held = new CopyOnWriteArrayList<>();
        final List<Duration> pauses = new CopyOnWriteArrayList<>();

        @Override
        public void rejected(RejectedUsage usage) {
            rejected.add(usage);
        }

        @Override
        public void held(int usages, String cause, Duration pause) {
            held.add(cause);
            pauses.add(pause);
        }
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private MeteringClientBuilder client() {
        return MeteringClient.builder(service.address(), "/shop", () -> key)
                .clock(Clock.fixed(NOW, ZoneOffset.UTC))
                .batch(100, Duration.ofMillis(5))
                .listener(notes);
    }

    @Test
    void a_usage_is_sent_as_an_event_with_the_time_of_the_call() throws Exception {
        try (MeteringClient client = client().build()) {
            client.usage("i-\"7\" é", EGRESS, new BigDecimal("5120.50"));
            client.usage("i-8", REQUESTS);

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        List<JsonNode> events = service.requests().stream()
                .flatMap(request -> request.events().stream())
                .toList();
        JsonNode summed = events.get(0);
        assertThat(summed.get("specversion").asString()).isEqualTo("1.0");
        assertThat(summed.get("source").asString()).isEqualTo("/shop");
        assertThat(summed.get("type").asString()).isEqualTo("web.egress");
        assertThat(summed.get("subject").asString()).isEqualTo("i-\"7\" é");
        assertThat(summed.get("time").asString()).isEqualTo(NOW.toString());
        assertThat(summed.get("data").get("bytes").decimalValue()).isEqualByComparingTo("5120.5");
        assertThat(events.get(1).get("data")).isNull();
    }

    @Test
    void until_the_service_has_it_a_usage_is_sent_again_under_the_same_id() throws Exception {
        service.answer(503, "");
        try (MeteringClient client = client().build()) {
            client.usage("i-1", EGRESS, 1);
            Awaitility.await().atMost(LONG).until(() -> service.requests().size() >= 3);
            service.acceptAll();

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            assertThat(client.figures().accepted()).isEqualTo(1);
        }
        assertThat(new HashSet<>(service.ids())).hasSize(1);
    }

    @Test
    void a_rejected_usage_holds_up_no_other_and_is_written_down() throws Exception {
        service.answer(request -> Reply.rejecting("bad", request));
        try (MeteringClient client = client().spillTo(folder, 1 << 20).build()) {
            client.usage("i-1", EGRESS, 1);
            client.usage("bad", EGRESS, 2);
            client.usage("i-3", EGRESS, 3);

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            assertThat(client.figures().accepted()).isEqualTo(2);
            assertThat(client.figures().rejected()).isEqualTo(1);
        }
        assertThat(notes.rejected).extracting(RejectedUsage::code).containsExactly("invalid");
        JsonNode line = rejectedLine();
        assertThat(line.get("code").asString()).isEqualTo("invalid");
        assertThat(line.get("mayBeTaken").asBoolean()).isFalse();
        assertThat(line.get("event").get("subject").asString()).isEqualTo("bad");
        assertThat(line.get("event").get("data").get("bytes").asInt()).isEqualTo(2);
    }

    /** Such as a usage that is too old only since Kafka was away, and that Kafka has all the same. */
    @Test
    void a_rejection_after_an_unclear_answer_says_that_the_usage_may_be_taken() throws Exception {
        service.answer(request -> Reply.of(504, "the answer of the service came too late"));
        try (MeteringClient client = client().spillTo(folder, 1 << 20).build()) {
            client.usage("bad", EGRESS, 1);
            Awaitility.await().atMost(LONG).until(() -> !notes.held.isEmpty());
            service.answer(request -> Reply.rejecting("bad", request));

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(notes.rejected).extracting(RejectedUsage::mayBeTaken).containsExactly(true);
        assertThat(rejectedLine().get("mayBeTaken").asBoolean()).isTrue();
    }

    @Test
    void a_rejection_after_clear_answers_says_that_the_usage_is_not_taken() throws Exception {
        service.answer(request -> Reply.of(503, "{\"code\":\"busy\"}"));
        try (MeteringClient client = client().spillTo(folder, 1 << 20).build()) {
            client.usage("bad", EGRESS, 1);
            Awaitility.await().atMost(LONG).until(() -> !notes.held.isEmpty());
            service.answer(request -> Reply.rejecting("bad", request));

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(rejectedLine().get("mayBeTaken").asBoolean()).isFalse();
    }

    private JsonNode rejectedLine() throws Exception {
        return JsonMapper.shared().readTree(Files.readString(folder.resolve("rejected.ndjson")));
    }

    @Test
    void a_rejected_usage_that_cannot_be_written_down_is_not_given_up() throws Exception {
        service.answer(request -> Reply.rejecting("bad", request));
        Files.createDirectories(folder.resolve("rejected.ndjson")); // no file can be written there
        try (MeteringClient client = client().spillTo(folder, 1 << 20).build()) {
            client.usage("bad", EGRESS, 1);
            client.usage("i-2", EGRESS, 2);
            Awaitility.await().atMost(LONG).until(() -> client.figures().accepted() == 1);
            assertThat(client.figures().waiting()).isEqualTo(1);
            assertThat(notes.rejected).isEmpty();

            Files.delete(folder.resolve("rejected.ndjson"));

            Awaitility.await().atMost(LONG).until(() -> {
                client.flush(Duration.ofMillis(100));
                return client.figures().rejected() == 1;
            });
        }
    }

    @Test
    void what_is_too_much_for_the_service_is_split_until_it_is_taken() throws Exception {
        service.answer(request -> request.events().size() > 7
                ? Reply.of(413, "{\"code\":\"too_many_events\"}")
                : Reply.accepting(request));
        try (MeteringClient client = client().build()) {
            for (int i = 0; i < 100; i++) {
                client.usage("i-" + i, EGRESS, i);
            }
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            assertThat(client.figures().accepted()).isEqualTo(100);
        }
        assertThat(service.requests().stream()
                        .filter(request -> request.events().size() <= 7)
                        .flatMap(request -> request.subjects().stream()))
                .hasSize(100)
                .doesNotHaveDuplicates();
        assertThat(notes.rejected).isEmpty();
    }

    /** As a firewall does that dislikes what is in it. */
    @Test
    void a_usage_that_a_stranger_refuses_waits_alone() throws Exception {
        service.answer(
                request -> request.subjects().contains("odd") ? Reply.of(400, "blocked") : Reply.accepting(request));
        try (MeteringClient client = client().build()) {
            for (int i = 0; i < 20; i++) {
                client.usage(i == 7 ? "odd" : "i-" + i, EGRESS, i);
            }
            Awaitility.await().atMost(LONG).until(() -> client.figures().accepted() == 19);
            assertThat(client.figures().waiting()).isEqualTo(1);
            assertThat(client.close(Duration.ZERO))
                    .isEqualTo(new FlushResult.StillWaiting(1, FlushResult.Where.MEMORY));
        }
        assertThat(notes.rejected).isEmpty();
    }

    @Test
    void an_unknown_key_drops_nothing_and_a_new_key_needs_no_restart() throws Exception {
        service.answer(request -> request.authorization().equals("Bearer key-2")
                ? Reply.accepting(request)
                : Reply.of(401, "{\"code\":\"unauthorized\"}"));
        try (MeteringClient client = client().build()) {
            client.usage("i-1", EGRESS, 1);
            Awaitility.await().atMost(LONG).until(() -> notes.held.contains("HTTP 401 unauthorized"));
            key = "key-2";

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(new HashSet<>(service.ids())).hasSize(1);
    }

    @Test
    void a_trace_goes_with_the_request_and_one_that_cannot_be_sent_stops_nothing() throws Exception {
        String valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        for (String trace : new String[] {valid, "not a\nheader", null}) {
            try (MeteringClient client = client().traceparent(() -> trace).build()) {
                client.usage("i-1", EGRESS, 1);
                assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            }
        }
        try (MeteringClient client = client().traceparent(() -> {
                    throw new IllegalStateException("no tracer");
                })
                .build()) {
            client.usage("i-1", EGRESS, 1);
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(service.requests())
                .extracting(ScriptedService.Request::traceparent)
                .containsExactly(valid, null, null, null);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void the_service_says_how_long_to_wait(int status) {
        service.answer(request -> new Reply(status, "", Map.of("Retry-After", "3")));
        try (MeteringClient client = client().build()) {
            client.usage("i-1", EGRESS, 1);
            Awaitility.await().atMost(LONG).until(() -> !notes.pauses.isEmpty());
            service.acceptAll();
        }
        assertThat(notes.pauses.get(0)).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a key with\na line break", ""})
    void a_key_that_cannot_be_sent_drops_nothing(String unusable) throws Exception {
        key = unusable;
        service.answer(request ->
                request.authorization().equals("Bearer key-2") ? Reply.accepting(request) : Reply.of(401, ""));
        try (MeteringClient client = client().build()) {
            client.usage("i-1", EGRESS, 1);
            Awaitility.await().atMost(LONG).until(() -> !notes.held.isEmpty());
            key = "key-2";

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
    }

    @Test
    void without_room_a_call_fails_and_has_recorded_nothing() throws Exception {
        service.answer(503, "");
        try (MeteringClient client =
                client().inMemory(128 * 1024).failWhenFull().build()) {
            int recorded = recordUntilFull(client);
            assertThat(client.figures().recorded()).isEqualTo(recorded);
            service.acceptAll();

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            client.usage("i-again", EGRESS, 1);
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());

            assertThat(client.figures().accepted()).isEqualTo(recorded + 1);
        }
    }

    @Test
    void a_call_that_blocks_goes_on_when_there_is_room() throws Exception {
        service.answer(503, "");
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try (MeteringClient client =
                client().inMemory(128 * 1024).blockWhenFull(LONG).build()) {
            int calls = 3_000;
            Future<?> all = caller.submit(() -> {
                for (int i = 0; i < calls; i++) {
                    client.usage("i-" + i, EGRESS, i);
                }
            });
            Awaitility.await().atMost(LONG).until(() -> client.figures().usedBytes() == 128 * 1024);
            service.acceptAll();
            all.get();

            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            assertThat(client.figures().accepted()).isEqualTo(calls);
        } finally {
            caller.shutdownNow();
        }
    }

    @Test
    void whatever_many_threads_record_arrives_each_once() throws Exception {
        int threads = 4;
        int each = 500;
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try (MeteringClient client = client().spillTo(folder, 1 << 24).build()) {
            List<Future<?>> calling = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                String prefix = "t" + t + "-";
                calling.add(callers.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        client.usage(prefix + i, EGRESS, i);
                    }
                }));
            }
            for (Future<?> one : calling) {
                one.get();
            }
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
            assertThat(client.figures().waiting()).isZero();
        } finally {
            callers.shutdownNow();
        }
        assertThat(service.ids()).hasSize(threads * each).doesNotHaveDuplicates();
        assertThat(service.requests().stream().flatMap(request -> request.subjects().stream()))
                .doesNotHaveDuplicates();
    }

    @Test
    void a_flush_that_comes_to_its_deadline_says_what_waits_and_where() throws Exception {
        service.answer(503, "");
        try (MeteringClient client = client().build()) {
            client.usage("i-1", EGRESS, 1);
            assertThat(client.flush(Duration.ofMillis(1)))
                    .isEqualTo(new FlushResult.StillWaiting(1, FlushResult.Where.MEMORY));
            service.acceptAll();
        }
    }

    @Test
    void a_closed_client_refuses_and_sends_nothing() throws Exception {
        MeteringClient client = client().build();
        client.usage("i-1", EGRESS, 1);
        assertThat(client.close(LONG)).isEqualTo(new FlushResult.AllSent());

        assertThatExceptionOfType(UsageNotRecordedException.class)
                .isThrownBy(() -> client.usage("i-2", EGRESS, 2))
                .withMessageContaining("closed");
        client.close();
        assertThat(service.ids()).hasSize(1);
    }

    @Test
    void a_hook_that_throws_stops_nothing() throws Exception {
        service.answer(request -> Reply.rejecting("bad", request));
        MeteringListener broken = new MeteringListener() {
            @Override
            public void accepted(int usages, Duration took) {
                throw new IllegalStateException("a bug of the app");
            }

            @Override
            public void rejected(RejectedUsage usage) {
                throw new IllegalStateException("a bug of the app");
            }
        };
        try (MeteringClient client = client().listener(broken).build()) {
            client.usage("i-1", EGRESS, 1);
            client.usage("bad", EGRESS, 2);
            assertThat(client.flush(LONG)).isEqualTo(new FlushResult.AllSent());
        }
    }

    @Test
    void what_the_service_could_never_take_is_refused_at_the_call() {
        try (MeteringClient client = client().build()) {
            for (String instance : List.of("", " ", "x".repeat(65), "a\nb", "\ud800")) {
                assertThatIllegalArgumentException().isThrownBy(() -> client.usage(instance, REQUESTS));
            }
            for (String amount : List.of("-1", "0.0000000000001", "1e18", "1e999999999")) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> client.usage("i-1", EGRESS, new BigDecimal(amount)));
            }
            assertThatIllegalArgumentException().isThrownBy(() -> client.usage("i-1", EGRESS, -1));
            assertThatIllegalArgumentException().isThrownBy(() -> client.usage("i-1", EGRESS, Long.MAX_VALUE));
            assertThat(client.figures().recorded()).isZero();
        }
    }

    @Test
    void without_a_place_for_rejected_usage_no_client_is_built() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MeteringClient.builder(service.address(), "/shop", () -> key)
                        .build())
                .withMessageContaining("folder or a listener");
    }

    private static int recordUntilFull(MeteringClient client) {
        for (int i = 0; ; i++) {
            try {
                client.usage("i-" + i, EGRESS, i);
            } catch (UsageNotRecordedException full) {
                assertThat(full).hasMessageContaining("no room for usage");
                return i;
            }
        }
    }
}
