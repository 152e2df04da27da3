package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.github.luben.zstd.Zstd;
import io.hourledger.ingest.RunningIngest.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The forms in which common senders send events. */
@Tag("servers")
class UsageFormsTest {

    private static final String ONE = "application/cloudevents+json";
    private static final int MAX_BODY = 200 * 1024;

    private static RunningIngest ingest;

    @BeforeAll
    static void start() {
        ingest = RunningIngest.start(
                "hourledger.ingest.max-body=" + MAX_BODY + "B",
                "hourledger.ingest.max-bytes-in-flight=1MB",
                "hourledger.ingest.api-keys[0].types[0]=web.egress",
                "hourledger.ingest.api-keys[0].types[1]=web.request",
                "hourledger.ingest.api-keys[0].types[2]=cdn.hit",
                "hourledger.ingest.api-keys[0].types[3]=app.login",
                "hourledger.ingest.api-keys[1].name=counter",
                // of the key "counter's key"
                "hourledger.ingest.api-keys[1].sha256=22fd34ee8ab7d446e9e5a9a32de55ef50c6231dcdd846bbebeb98104b09d9b46",
                "hourledger.ingest.api-keys[1].source-prefixes[0]=/counter",
                "hourledger.ingest.api-keys[1].types[0]=web.request");
    }

    @AfterAll
    static void stop() {
        ingest.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/cloudevents+json; charset=utf-8",
                "application/cloudevents+json;charset=\"UTF-8\"",
                "Application/CloudEvents+JSON",
                "application/cloudevents+json;;",
            })
    void the_content_type_is_read_as_senders_write_it(String contentType) {
        assertThat(ingest.post(contentType, event("typed")).status()).isEqualTo(202);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})
    void lines_have_many_names(String contentType) {
        Answer answer = ingest.post(contentType, event("line-1") + "\r\n\r\n" + event("line-2"));

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(answer.json().at("/items/1/index").asInt()).isEqualTo(1);
        assertThat(answer.json().at("/items/1/line").asInt()).isEqualTo(3);
    }

    @Test
    void without_a_content_type_it_is_binary_mode() {
        Answer answer = ingest.send(binary("no-type", Map.of("ce-type", "web.request"))
                .POST(BodyPublishers.noBody())
                .build());

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(ingest.loggedEvents())
                .contains("{\"id\":\"no-type\",\"source\":\"/shop\",\"specversion\":\"1.0\","
                        + "\"subject\":\"i-1\",\"time\":\"2026-11-24T13:04:59Z\",\"type\":\"web.request\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/json",
                "application/vnd.shop+json",
                "application/problem+json; charset=utf-8",
                "APPLICATION/JSON"
            })
    void any_json_is_data_in_binary_mode(String contentType) {
        Answer answer = ingest.send(binary("any-json", Map.of("Content-Type", contentType))
                .POST(BodyPublishers.ofString("{\"bytes\":3}"))
                .build());

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
    }

    @Test
    void data_that_is_not_json_is_kept_and_counts_where_the_meter_reads_none() {
        Map<String, String> headers = Map.of("Content-Type", "text/csv", "ce-type", "web.request");
        Answer counted = ingest.send(
                binary("csv", headers).POST(BodyPublishers.ofString("a;b")).build());
        Answer unread = ingest.send(binary("csv", Map.of("Content-Type", "text/csv"))
                .POST(BodyPublishers.ofString("a;b"))
                .build());

        assertThat(counted.status()).as(counted.body()).isEqualTo(202);
        assertThat(ingest.loggedEvents()).anySatisfy(event -> assertThat(event)
                .contains("\"datacontenttype\":\"text/csv\"", "\"data_base64\":\"YTti\""));
        assertThat(unread.status()).isEqualTo(400);
        assertThat(unread.text("/field")).isEqualTo("data_base64");
    }

    @Test
    void an_extension_that_nobody_reads_stops_no_event() {
        Answer answer = ingest.send(binary("extension", Map.of("ce-city", "K\u00f6ln 100%"))
                .POST(BodyPublishers.ofString("{\"bytes\":3}"))
                .build());
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);

        Answer unreadable = ingest.send(binary("100%", Map.of())
                .POST(BodyPublishers.ofString("{\"bytes\":3}"))
                .build());
        assertThat(unreadable.status()).isEqualTo(400);
        assertThat(unreadable.text("/field")).isEqualTo("ce-id");
    }

    @Test
    void a_compressed_body_is_expanded() {
        String events = event("packed-1") + "\n" + event("packed-2");

        for (Map.Entry<String, byte[]> packed : Map.of(
                        "gzip", gzip(events), "zstd", Zstd.compress(events.getBytes(UTF_8)))
                .entrySet()) {
            Answer answer = ingest.post("application/x-ndjson", packed.getValue(), "Content-Encoding", packed.getKey());
            assertThat(answer.status()).as(answer.body()).isEqualTo(202);
            assertThat(answer.json().at("/accepted").asInt()).isEqualTo(2);
        }
        assertThat(ingest.loggedEvents()).contains(event("packed-1"), event("packed-2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void what_expands_beyond_the_bound_is_refused_however_small_it_comes(String coding) {
        String large = " ".repeat(100 * MAX_BODY);
        byte[] packed = coding.equals("gzip") ? gzip(large) : Zstd.compress(large.getBytes(UTF_8));
        assertThat(packed.length).isLessThan(MAX_BODY);

        Answer answer = ingest.post(ONE, packed, "Content-Encoding", coding);

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text("/code")).isEqualTo("body_too_large");
        assertThat(ingest.one(event("after-a-bomb")).status()).isEqualTo(202);
    }

    @Test
    void a_body_that_is_not_compressed_as_it_says_is_refused_and_not_misread() {
        for (String coding : List.of("gzip", "zstd")) {
            Answer answer = ingest.post(ONE, event("not packed"), "Content-Encoding", coding);
            assertThat(answer.status()).as(coding).isEqualTo(400);
            assertThat(answer.text("/code")).isEqualTo("body_broken");
        }
        byte[] whole = gzip(event("cut off"));
        Answer cutOff = ingest.post(ONE, Arrays.copyOf(whole, whole.length - 12), "Content-Encoding", "gzip");
        assertThat(cutOff.status()).isEqualTo(400);
    }

    @Test
    void a_second_gzip_member_that_is_malformed_is_no_success() {
        byte[] first = gzip(event("member-1") + "\n");
        byte[] second = gzip(event("member-2") + "\n");
        second[0]++;
        byte[] body = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, body, first.length, second.length);

        Answer answer = ingest.post("application/x-ndjson", body, "Content-Encoding", "gzip");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("/code")).isEqualTo("body_broken");
    }

    @Test
    void an_unknown_compression_is_refused_with_the_known_ones() {
        Answer answer = ingest.post(ONE, event("x"), "Content-Encoding", "br");

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.header("Accept-Encoding")).isEqualTo("gzip, zstd, identity");
        assertThat(ingest.post(ONE, event("plain"), "Content-Encoding", "identity")
                        .status())
                .isEqualTo(202);
    }

    @Test
    void all_that_is_wrong_with_an_event_is_named_at_once() {
        Answer one = ingest.one(event("wrong").replace("i-1", "").replace("13:04:59Z", "25:04:59Z"));
        assertThat(one.status()).isEqualTo(400);
        assertThat(one.text("/field")).isEqualTo("subject");
        assertThat(one.text("/errors/0/field")).isEqualTo("subject");
        assertThat(one.text("/errors/1/field")).isEqualTo("time");

        Answer batch = ingest.batch(
                List.of(event("foreign").replace("/shop", "/other").replace("2026", "2025"), event("good")));
        assertThat(batch.text("/items/0/code")).isEqualTo("forbidden");
        assertThat(batch.text("/items/0/errors/1/code")).isEqualTo("too_old");
        assertThat(batch.json().at("/items/1/errors").isMissingNode()).isTrue();
    }

    @Test
    void a_key_sends_its_own_types_only() {
        String counted = event("typed").replace("/shop", "/counter/1").replace("web.egress", "web.request");

        assertThat(asCounter(counted).status()).isEqualTo(202);
        Answer other = asCounter(counted.replace("web.request", "web.egress"));
        assertThat(other.status()).isEqualTo(403);
        assertThat(other.text("/field")).isEqualTo("type");
        assertThat(asCounter(counted.replace("/counter/1", "/counterfeit")).text("/field"))
                .isEqualTo("source");
    }

    @Test
    void who_asks_first_hears_where_an_event_would_count_and_nothing_is_taken() {
        Answer answer = ingest.check(ONE, event("only asked"));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.text("/items/0/status")).isEqualTo("acceptable");
        assertThat(answer.text("/items/0/bucket/instance")).isEqualTo("i-1");
        assertThat(answer.text("/items/0/bucket/meter")).isEqualTo("egress");
        assertThat(answer.text("/items/0/bucket/hour")).isEqualTo("2026-11-24T13:00:00Z");
        assertThat(answer.text("/items/0/bucket/value")).isEqualTo("1234");

        Answer mixed = ingest.check("application/x-ndjson", event("asked") + "\n" + event(""));
        assertThat(mixed.status()).isEqualTo(400);
        assertThat(mixed.text("/code")).isEqualTo("not_acceptable");
        assertThat(mixed.text("/items/0/status")).isEqualTo("acceptable");
        assertThat(mixed.text("/items/1/field")).isEqualTo("id");
        assertThat(String.join("", ingest.loggedEvents())).doesNotContain("asked");
    }

    @Test
    void who_asks_first_hears_that_a_value_of_a_unique_count_counts_once() {
        String login =
                event("login").replace("web.egress", "app.login").replace("\"bytes\":1234", "\"account\":\"ana\"");

        Answer answer = ingest.check(ONE, login);

        assertThat(answer.text("/items/0/bucket/meter")).as(answer.body()).isEqualTo("accounts");
        assertThat(answer.text("/items/0/bucket/value")).isEqualTo("1");
    }

    @Test
    void an_event_that_no_filter_takes_is_kept_and_who_asks_first_hears_it() {
        String hit = event("hit").replace("web.egress", "cdn.hit");
        String free = hit.replace("\"bytes\":1234", "\"bytes\":1234,\"region\":\"us\"");
        String gold = hit.replace("\"bytes\":1234", "\"bytes\":1234,\"region\":\"eu\",\"tier\":\"gold\"");

        assertThat(ingest.check(ONE, free).text("/items/0/status")).isEqualTo("filtered-out");
        assertThat(ingest.check(ONE, gold).text("/items/0/status")).isEqualTo("acceptable");
        assertThat(ingest.check(ONE, gold).text("/items/0/buckets/0/meter")).isEqualTo("eu-hits");
        assertThat(ingest.check(ONE, gold).text("/items/0/buckets/1/value")).isEqualTo("1234");
        assertThat(ingest.one(free).status()).isEqualTo(202);
        assertThat(String.join("", ingest.loggedEvents())).contains("\"region\":\"us\"");
    }

    @Test
    void a_wrong_key_and_none_are_told_apart() {
        HttpRequest.Builder request = ingest.request("/v1/usage-events").POST(BodyPublishers.ofString("{}"));

        assertThat(ingest.send(request.build()).text("/detail")).contains("is needed");
        assertThat(ingest.send(request.header("Authorization", "Bearer wrong").build())
                        .text("/detail"))
                .as("nobody has told this service the keys, so it cannot say that this one is not known")
                .contains("has not learned the API keys yet");
    }

    @ParameterizedTest
    @CsvSource({"/v1/usage-events/", "/v1/usage-event", "/"})
    void who_misses_the_path_is_told_it(String path) {
        Answer answer = ingest.send(ingest.request(path)
                .POST(BodyPublishers.ofString(event("lost")))
                .build());

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text("/detail")).contains("POST /v1/usage-events", "/openapi/metering-ingest.yaml");
    }

    @Test
    void the_published_documents_are_served_as_they_are_tested() throws IOException {
        for (String path : List.of("/openapi/metering-ingest.yaml", "/schemas/usage-event.schema.json")) {
            Answer answer = ingest.get(path);
            assertThat(answer.status()).as(path).isEqualTo(200);
            assertThat(answer.header("Content-Type"))
                    .startsWith("application/" + path.substring(path.lastIndexOf('.') + 1));
            try (InputStream published = UsageFormsTest.class.getResourceAsStream(path)) {
                assertThat(answer.body()).isEqualTo(new String(published.readAllBytes(), UTF_8));
            }
        }
        assertThat(ingest.get("/openapi/../application.yaml").status()).isEqualTo(404);
    }

    /** The log line is written with the answer; in Kafka's thread a console that does not go on would stop every sender. */
    @Test
    void answers_are_not_made_by_the_logs_thread() {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("io.hourledger.ingest.accept");
        lines.start();
        logger.addAppender(lines);
        try {
            ingest.batch(List.of(event("kept"), event("")));
            Awaitility.await().until(() -> !List.copyOf(lines.list).isEmpty());
        } finally {
            logger.detachAppender(lines);
        }

        assertThat(lines.list).extracting(ILoggingEvent::getThreadName).allMatch(name -> name.startsWith("answer-"));
    }

    private static Answer asCounter(String event) {
        return ingest.post(ONE, event, "Authorization", "Bearer counter's key");
    }

    private static HttpRequest.Builder binary(String id, Map<String, String> headers) {
        HttpRequest.Builder request = ingest.request("/v1/usage-events");
        Map<String, String> all = new TreeMap<>(Map.of(
                "Authorization",
                "Bearer " + RunningIngest.KEY,
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
                "2026-11-24T13:04:59Z"));
        all.putAll(headers);
        all.forEach(request::header);
        return request;
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(UTF_8));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
