package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.usage.UsageEventLimits;
import io.hourledger.ingest.RunningIngest.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("servers")
class UsageEventsOverHttpTest {

    private static RunningIngest ingest;

    @BeforeAll
    static void start() {
        ingest = RunningIngest.start(
                "hourledger.ingest.max-body=200KB",
                "hourledger.ingest.max-bytes-in-flight=1MB",
                "hourledger.ingest.max-batch-events=600");
    }

    @AfterAll
    static void stop() {
        ingest.close();
    }

    @Test
    void an_accepted_event_is_in_the_log_with_its_own_bytes_its_subject_and_the_time_of_receipt() {
        String event = " " + event("own-bytes").replace("\"id\"", "\"x\" : [1 ,2],\n\"id\"") + "\n";

        Answer answer = ingest.one(event);

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(answer.text("/status")).isEqualTo("accepted");
        assertThat(answer.text("/id")).isEqualTo("own-bytes");
        assertThat(ingest.logged()).anySatisfy(record -> {
            assertThat(new String(record.value(), UTF_8)).isEqualTo(event);
            assertThat(new String(record.key(), UTF_8)).isEqualTo("i-1");
            assertThat(record.timestamp()).isEqualTo(RunningIngest.NOW.toEpochMilli());
            assertThat(record.partition())
                    .isEqualTo(answer.json().at("/receipt/partition").asInt());
            assertThat(record.offset())
                    .isEqualTo(answer.json().at("/receipt/offset").asLong());
        });
    }

    @Test
    void a_batch_is_answered_item_by_item_and_the_good_ones_are_kept() {
        Answer answer = ingest.batch(List.of(
                event("good-1"),
                event("bad-time").replace("2026-11-24T13:04:59Z", "yesterday"),
                "{\"id\": nonsense}",
                event("foreign").replace("/shop", "/other"),
                event("good-2")));

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.text("/code")).isEqualTo("partly_rejected");
        assertThat(answer.json().at("/accepted").asInt()).isEqualTo(2);
        assertThat(answer.json().at("/rejected").asInt()).isEqualTo(3);
        assertThat(answer.json().at("/unavailable").asInt()).isZero();
        assertThat(answer.json().at("/items")).hasSize(5);
        assertThat(answer.text("/items/0/status")).isEqualTo("accepted");
        assertThat(answer.text("/items/1/status")).isEqualTo("rejected");
        assertThat(answer.json().at("/items/1/index").asInt()).isEqualTo(1);
        assertThat(answer.text("/items/1/id")).isEqualTo("bad-time");
        assertThat(answer.text("/items/1/code")).isEqualTo("invalid");
        assertThat(answer.text("/items/1/field")).isEqualTo("time");
        assertThat(answer.text("/items/2/code")).isEqualTo("not_json");
        assertThat(answer.text("/items/3/code")).isEqualTo("forbidden");
        assertThat(answer.text("/items/3/field")).isEqualTo("source");
        assertThat(answer.text("/items/4/receipt/topic")).isEqualTo(ingest.topic);
        assertThat(ingest.loggedEvents()).contains(event("good-1"), event("good-2"));
        assertThat(String.join("", ingest.loggedEvents())).doesNotContain("bad-time", "nonsense", "foreign");
    }

    @Test
    void a_batch_of_five_hundred_is_kept_whole_and_every_receipt_points_at_its_own_event() {
        List<String> events = IntStream.range(0, 500)
                .mapToObj(i -> event("many-" + i).replace("i-1", "i-" + i % 7))
                .toList();

        Answer answer = ingest.batch(events);

        assertThat(answer.json().at("/accepted").asInt()).isEqualTo(500);
        var logged = ingest.logged();
        for (int i = 0; i < 500; i++) {
            var item = answer.json().at("/items/" + i);
            assertThat(item.at("/id").asString()).isEqualTo("many-" + i);
            assertThat(logged)
                    .filteredOn(record -> record.partition()
                                    == item.at("/receipt/partition").asInt()
                            && record.offset() == item.at("/receipt/offset").asLong())
                    .singleElement()
                    .satisfies(record -> assertThat(new String(record.value(), UTF_8))
                            .contains("\"" + item.at("/id").asString() + "\""));
        }
    }

    @Test
    void who_prefers_a_minimal_answer_hears_only_of_what_was_not_accepted() {
        Answer answer = ingest.post(
                "application/cloudevents-batch+json",
                "[" + event("min-1") + "," + event("") + "," + event("min-2") + "]",
                "Prefer",
                "return=minimal");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Preference-Applied")).isEqualTo("return=minimal");
        assertThat(answer.json().at("/accepted").asInt()).isEqualTo(2);
        assertThat(answer.json().at("/items")).hasSize(1);
        assertThat(answer.json().at("/items/0/index").asInt()).isEqualTo(1);
    }

    @Test
    void who_reads_the_items_may_ask_for_a_status_of_success() {
        Answer mixed = ingest.post(
                "application/x-ndjson",
                event("len-1") + "\n" + event(""),
                "Prefer",
                "respond-async, wait=10; x=\"a,b\", Handling = \"lenient\" ;q=1,return=minimal");
        assertThat(mixed.status()).as(mixed.body()).isEqualTo(207);
        assertThat(mixed.header("Preference-Applied")).isEqualTo("return=minimal, handling=lenient");
        assertThat(mixed.json().at("/accepted").asInt()).isEqualTo(1);
        assertThat(mixed.json().at("/items")).hasSize(1);

        Answer whole = ingest.post(
                "application/x-ndjson", event("len-1") + "\n" + event("len-2"), "Prefer", "handling=lenient");
        assertThat(whole.status()).isEqualTo(202);
        Answer nothing = ingest.post("application/x-ndjson", event(""), "Prefer", "handling=lenient");
        assertThat(nothing.status()).isEqualTo(400);
    }

    @Test
    void one_refused_line_of_json_is_not_answered_as_accepted() {
        Answer answer = ingest.post("application/x-ndjson", event("line") + "\n" + event(""));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("/items/0/status")).isEqualTo("accepted");
        assertThat(answer.text("/items/1/status")).isEqualTo("rejected");
        assertThat(ingest.loggedEvents()).contains(event("line"));
    }

    @Test
    void a_batch_of_which_nothing_is_accepted_is_not_answered_as_accepted() {
        Answer malformed = ingest.batch(List.of("{}", "[]"));
        assertThat(malformed.status()).isEqualTo(400);
        assertThat(malformed.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(malformed.text("/code")).isEqualTo("nothing_accepted");
        assertThat(malformed.text("/items/0/field")).isEqualTo("specversion");
        assertThat(malformed.text("/items/1/code")).isEqualTo("not_json");

        Answer forbidden = ingest.batch(List.of(event("x").replace("/shop", "/other")));
        assertThat(forbidden.status()).isEqualTo(400);
        assertThat(forbidden.text("/items/0/code")).isEqualTo("forbidden");
    }

    @Test
    void an_empty_batch_is_a_batch() {
        Answer answer = ingest.batch(List.of());

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().at("/items")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{}", "[{}", "[{}]]", "[{},]", "[,{}]", "[{} {}", "null", "[{\"a\":\"}]", "\u0000", "[}"})
    void what_cannot_be_cut_into_items_is_refused_as_a_whole(String body) {
        Answer answer = ingest.post("application/cloudevents-batch+json", body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("/code")).isEqualTo("not_a_batch");
        assertThat(answer.text("/type")).isEqualTo("urn:hourledger:problem:not-a-batch");
        assertThat(answer.text("/detail")).isNotBlank();
    }

    @Test
    void a_malformed_event_is_refused_with_its_field_its_reason_and_a_stable_code() {
        Answer answer = ingest.one(event("negative").replace("1234", "-5"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.text("/type")).isEqualTo("urn:hourledger:problem:invalid-value");
        assertThat(answer.text("/code")).isEqualTo("invalid_value");
        assertThat(answer.text("/field")).isEqualTo("data.bytes");
        assertThat(answer.text("/id")).isEqualTo("negative");
        assertThat(answer.text("/detail")).isEqualTo("data.bytes must not be below zero");
        assertThat(answer.json().at("/status").asInt()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T13:05:00Z, 202, ''",
        "2026-11-23T13:04:59.999Z, 400, too_old",
        "2026-11-24T14:05:00Z, 202, ''",
        "2026-11-24T14:05:00.001Z, 400, too_far_ahead",
        "2026-11-24T22:05:00+08:00, 202, ''",
        "1970-01-01T00:00:00Z, 400, too_old",
        "9999-12-31T23:59:59Z, 400, too_far_ahead",
    })
    void the_time_must_lie_in_the_window_around_business_time(String time, int status, String code) {
        Answer answer = ingest.one(event("window").replace("2026-11-24T13:04:59Z", time));

        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.text("/code")).isEqualTo(code);
    }

    @Test
    void lines_of_json_are_a_batch_and_blank_lines_are_nothing() {
        Answer answer = ingest.post(
                "application/x-ndjson", event("l-1") + "\r\n\n  \n" + event("l-2") + "\n{\"half\n" + event("l-3"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/accepted").asInt()).isEqualTo(3);
        assertThat(answer.text("/items/2/code")).isEqualTo("not_json");
        assertThat(ingest.loggedEvents()).contains(event("l-1"), event("l-2"), event("l-3"));
    }

    @Test
    void binary_mode_is_kept_as_one_json_event_with_the_datas_own_bytes() {
        Answer answer = ingest.post(
                "application/json; charset=utf-8",
                "{ \"bytes\": 12.50 }",
                "ce-specversion",
                "1.0",
                "ce-source",
                "/shop/caf%C3%A9",
                "CE-Id",
                "\"b-1\"",
                "ce-type",
                "web.egress",
                "ce-subject",
                "i-1",
                "ce-time",
                "2026-11-24T13:04:59Z",
                "ce-region",
                "a\"b");

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(answer.text("/id")).isEqualTo("b-1");
        assertThat(ingest.loggedEvents())
                .contains("{\"id\":\"b-1\",\"region\":\"a\\\"b\",\"source\":\"/shop/café\",\"specversion\":\"1.0\","
                        + "\"subject\":\"i-1\",\"time\":\"2026-11-24T13:04:59Z\",\"type\":\"web.egress\","
                        + "\"data\":{ \"bytes\": 12.50 }}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"bytes\":1},\"time\":\"x\" | b-2     | not_json       | data",
                "{\"bytes\":1}}               | b-2     | not_json       | data",
                "{\"bytes\":1                 | b-2     | not_json       | data",
                "''                           | b-2     | missing        | data",
                "{\"bytes\":1}                | %FF     | invalid_header | ce-id",
                "{\"bytes\":1}                | 100%    | invalid_header | ce-id",
                "{\"bytes\":1}                | %0A     | invalid        | id",
            })
    void binary_mode_lets_nothing_in_that_is_not_one_event(String body, String id, String code, String field) {
        Answer answer = ingest.post(
                "application/json",
                body,
                "ce-specversion",
                "1.0",
                "ce-source",
                "/shop",
                "ce-id",
                id,
                "ce-type",
                "web.egress",
                "ce-subject",
                "i-1",
                "ce-time",
                "2026-11-24T13:04:59Z");

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.text("/code")).isEqualTo(code);
        assertThat(answer.text("/field")).isEqualTo(field);
    }

    @Test
    void an_attribute_that_comes_twice_is_not_guessed() {
        var request = ingest.request("/v1/usage-events")
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + RunningIngest.KEY)
                .header("ce-id", "a")
                .header("ce-id", "b")
                .POST(BodyPublishers.ofString("{}"));

        assertThat(ingest.send(request.build()).text("/code")).isEqualTo("invalid_header");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/json", "text/plain", "application/xml", "nonsense", "application/cloudevents+xml"})
    void any_other_content_type_is_refused_with_a_word_on_what_is_taken(String contentType) {
        Answer answer = ingest.post(contentType, event("x"));

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.text("/code")).isEqualTo("unsupported_media_type");
        assertThat(answer.text("/detail")).contains("application/cloudevents");
    }

    @Test
    void without_a_known_key_nobody_gets_in() throws Exception {
        KeysTopic.make(ingest.topic).tell(new ToldKeys(UUID.randomUUID(), 1, 1, List.of()));
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        ingest.post("application/cloudevents+json", event("no-key"), "Authorization", "Bearer nobody's")
                                        .status()
                                == 401);
        var request = ingest.request("/v1/usage-events")
                .header("Content-Type", "application/cloudevents+json")
                .POST(BodyPublishers.ofString(event("no-key")))
                .build();
        Answer none = ingest.send(request);

        assertThat(none.status()).isEqualTo(401);
        assertThat(none.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(none.text("/code")).isEqualTo("unauthorized");
        for (String wrong : List.of("Bearer nobody's", "Bearer ", "Basic " + RunningIngest.KEY, RunningIngest.KEY)) {
            assertThat(ingest.post("application/cloudevents+json", event("no-key"), "Authorization", wrong)
                            .status())
                    .isEqualTo(401);
        }
        assertThat(String.join("", ingest.loggedEvents())).doesNotContain("no-key");
    }

    @ParameterizedTest
    @CsvSource({"/shop, 202", "/shop/berlin, 202", "/shopping, 403", "/, 403", "/Shop, 403"})
    void a_key_speaks_for_its_own_sources_only(String source, int status) {
        Answer answer = ingest.one(event("mine").replace("/shop", source));

        assertThat(answer.status()).isEqualTo(status);
    }

    @Test
    void a_body_beyond_the_bound_is_refused_also_when_its_length_is_not_announced() {
        byte[] large = new byte[200 * 1024 + 1];
        assertThat(ingest.post("application/cloudevents-batch+json", large).status())
                .isEqualTo(413);

        var chunked = ingest.request("/v1/usage-events")
                .header("Content-Type", "application/cloudevents-batch+json")
                .header("Authorization", "Bearer " + RunningIngest.KEY)
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)))
                .build();
        Answer answer = ingest.send(chunked);
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text("/code")).isEqualTo("body_too_large");
    }

    @Test
    void an_event_beyond_its_bound_is_refused_alone() {
        String tooLarge = event("x".repeat(UsageEventLimits.MAX_EVENT_BYTES));

        assertThat(ingest.one(tooLarge).status()).isEqualTo(413);
        Answer batch = ingest.batch(List.of(tooLarge, event("beside-it")));
        assertThat(batch.text("/items/0/code")).isEqualTo("too_large");
        assertThat(batch.text("/items/1/status")).isEqualTo("accepted");
    }

    @Test
    void too_many_events_are_refused_before_any_is_taken() {
        Answer answer = ingest.batch(Collections.nCopies(601, "0"));

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text("/code")).isEqualTo("too_many_events");
    }

    @Test
    void a_repeat_is_accepted_again_and_kept_under_the_same_subject() {
        Answer first = ingest.one(event("twice"));
        Answer second = ingest.one(event("twice"));

        assertThat(second.status()).isEqualTo(202);
        assertThat(second.json().at("/receipt/partition"))
                .isEqualTo(first.json().at("/receipt/partition"));
        assertThat(ingest.loggedEvents().stream().filter(event("twice")::equals))
                .hasSize(2);
    }

    @Test
    void whatever_a_client_likes_to_read_the_answers_are_json() {
        assertThat(ingest.post("application/cloudevents+json", event("accept"), "Accept", "text/plain")
                        .status())
                .isEqualTo(202);
        Answer refused = ingest.post("application/cloudevents+json", "{}", "Accept", "text/plain");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
    }

    @Test
    void other_methods_and_paths_are_problems_too() {
        Answer method = ingest.get("/v1/usage-events");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.text("/code")).isEqualTo("method_not_allowed");

        Answer path = ingest.get("/v1/nothing");
        assertThat(path.status()).isEqualTo(404);
        assertThat(path.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(path.text("/code")).isEqualTo("not_found");
    }

    @Test
    void random_bytes_never_break_the_service() {
        java.util.Random random = new java.util.Random(17);
        for (String type : List.of("application/cloudevents+json", "application/cloudevents-batch+json")) {
            for (int i = 0; i < 50; i++) {
                byte[] body = ("[" + event("a") + "," + event("b") + "]").getBytes(UTF_8);
                for (int change = 0; change < 1 + i / 5; change++) {
                    body[random.nextInt(body.length)] = (byte) random.nextInt(256);
                }
                assertThat(ingest.post(type, body).status()).isIn(202, 400, 403);
            }
        }
    }

    @Test
    void health_names_the_topic_and_the_counters_say_what_senders_were_told() {
        List<String> events = new ArrayList<>(List.of(event("counted"), event("")));
        ingest.batch(events);

        Answer health = ingest.get("/actuator/health");
        assertThat(health.text("/status")).isEqualTo("UP");
        assertThat(health.json().at("/components/kafka/details/partitions").asInt())
                .isEqualTo(4);
        assertThat(ingest.get("/actuator/health/readiness").status()).isEqualTo(200);
        assertThat(ingest.get("/actuator/prometheus").body())
                .contains("usage_events_accepted_total")
                .contains("usage_events_rejected_total{code=\"invalid\"")
                .contains("usage_requests_in_flight")
                .contains("usage_log_buffer_free_bytes")
                .contains("usage_requests_refused_total{code=\"body_too_slow\",service=\"metering-ingest\"} 0.0")
                .contains("kafka_producer_record_error_total{", "http_server_requests_seconds_count{")
                .doesNotContainPattern("# HELP (usage|hourledger)\\w* \n");
        assertThat(ingest.get("/actuator/env").status()).isEqualTo(404);
    }
}
