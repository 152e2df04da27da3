package io.hourledger.simulator.fault;

import static io.hourledger.simulator.Gallery.body;
import static io.hourledger.simulator.Gallery.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.simulator.Gallery;
import io.hourledger.simulator.SharedGallery;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the simulator can be told to do wrong. */
@Tag("servers")
class MisbehaviourTest {

    private final Gallery gallery = SharedGallery.GALLERY;
    private final String sn = "sn-" + UUID.randomUUID();
    private String instance;

    @BeforeEach
    void open() {
        gallery.clock.moveTo(Instant.parse("2026-05-04T09:30:00Z"));
        instance = gallery.open("buyer-" + UUID.randomUUID(), "web-requests");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:02:30Z"));
    }

    @AfterEach
    void wellAgain() {
        gallery.control("DELETE", "/sim/faults", null);
    }

    private void fault(String fields) {
        Gallery.Answer answer = gallery.control("POST", "/sim/faults", "{" + fields + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private Map<String, Object> good() {
        return record(instance, sn, "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z", "5", "2026-05-04T11:02:00Z");
    }

    private List<String> states() {
        return gallery.records().stream()
                .filter(line -> line.startsWith(instance + ","))
                .map(line -> line.replaceAll("^.*Z,", ""))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "over-frequency,                406, MKT.0250,   0",
        "gateway-throttled,             429, APIGW.0308, 0",
        "internal-error-before-storing, 500, MKT.0999,   0",
        "internal-error-after-storing,  500, MKT.0999,   1",
        "unknown-code-after-storing,    200, MKT.7777,   1"
    })
    void an_error_is_answered_once_and_the_records_are_kept_or_not_as_its_name_says(
            String kind, int status, String code, int stored) {
        fault("\"kind\":\"%s\"".formatted(kind));

        Gallery.Answer wrong = gallery.push(List.of(good()));

        assertThat(wrong.status()).isEqualTo(status);
        assertThat(wrong.code()).isEqualTo(code);
        assertThat(states()).hasSize(stored);
        assertThat(gallery.push(List.of(good())).code()).isEqualTo("MKT.0000");
        assertThat(states()).filteredOn(state -> state.equals("accepted,")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "bad-gateway-before-storing, 502, 0",
        "bad-gateway-after-storing,  502, 1",
        "service-unavailable,        503, 0",
        "empty-body-before-storing,  200, 0",
        "empty-body-after-storing,   200, 1"
    })
    void an_answer_can_be_no_json_at_all(String kind, int status, int stored) {
        fault("\"kind\":\"%s\"".formatted(kind));

        Gallery.Answer wrong = gallery.push(List.of(good()));

        assertThat(wrong.status()).isEqualTo(status);
        assertThat(wrong.body()).doesNotStartWith("{");
        assertThat(states()).hasSize(stored);
    }

    /** Every row of the documented answers can be had, with and without a prefix. */
    @ParameterizedTest
    @CsvSource({"500, MKT.9003", "500, CBC.0999", "400, 0101", "401, APIGW.0301"})
    void a_call_can_be_refused_with_any_status_and_code(int status, String code) {
        fault("\"kind\":\"coded-refusal\",\"httpStatus\":%d,\"errorCode\":\"%s\"".formatted(status, code));

        Gallery.Answer wrong = gallery.push(List.of(good()));

        assertThat(wrong.status()).isEqualTo(status);
        assertThat(wrong.code()).isEqualTo(code);
        assertThat(states()).isEmpty();
    }

    @Test
    void a_fault_can_leave_small_calls_alone() {
        fault("\"kind\":\"coded-refusal\",\"fewestRecords\":2");

        assertThat(gallery.push(List.of(good())).status()).isEqualTo(200);
        assertThat(gallery.push(List.of(good(), good())).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({"page-before-storing, 0", "page-after-storing, 1"})
    void a_page_can_come_under_any_status(String kind, int stored) {
        fault("\"kind\":\"%s\",\"httpStatus\":501".formatted(kind));

        assertThat(gallery.push(List.of(good())).status()).isEqualTo(501);
        assertThat(states()).hasSize(stored);
    }

    @ParameterizedTest
    @CsvSource({"cut-before-storing, 0", "cut-after-storing, 1"})
    void a_connection_can_be_cut_in_the_middle_of_an_answer(String kind, int stored) {
        fault("\"kind\":\"%s\"".formatted(kind));

        assertThatThrownBy(() -> gallery.push(List.of(good()))).hasRootCauseInstanceOf(IOException.class);

        assertThat(states()).hasSize(stored);
    }

    @Test
    void over_frequency_comes_without_a_body_too() {
        fault("\"kind\":\"over-frequency-without-body\"");

        Gallery.Answer wrong = gallery.push(List.of(good()));

        assertThat(wrong.status()).isEqualTo(406);
        assertThat(wrong.body()).isEmpty();
    }

    @Test
    void a_clock_that_is_wrong_refuses_every_signature() {
        fault("\"kind\":\"clock-skew\"");

        assertThat(gallery.push(List.of(good())).code()).isEqualTo("MKT.0102");
    }

    @Test
    void half_of_the_rate_can_be_taken_away_in_secret() {
        gallery.control("PUT", "/sim/settings", "{\"callsPerSecond\":2}");
        try {
            fault("\"kind\":\"hidden-halving\",\"count\":1000");
            long before = halved();

            await().until(() -> {
                gallery.push(List.of(good()));
                return halved() > before;
            });

            assertThat(gallery.get("/sim/settings")
                            .json()
                            .path("callsPerSecond")
                            .asInt())
                    .isEqualTo(2);
        } finally {
            gallery.control("PUT", "/sim/settings", "{\"callsPerSecond\":1000}");
        }
    }

    /** Calls that were within the announced rate and above the half of it. */
    private long halved() {
        return gallery.stats().path("faults").path("hidden-halving").asLong();
    }

    @ParameterizedTest
    @CsvSource({
        "fraction, 0\\.25",
        "rfc850-date, '[A-Z][a-z]+day, \\d\\d-[A-Z][a-z]{2}-\\d\\d .*GMT'",
        "asctime-date, '[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d .*'"
    })
    void retry_after_comes_in_every_form_of_http(String form, String looksLike) {
        fault("\"kind\":\"too-many-requests\",\"retryAfterSeconds\":0,\"retryAfterForm\":\"%s\"".formatted(form));

        assertThat(gallery.push(List.of(good())).headers().firstValue("Retry-After"))
                .hasValueSatisfying(header -> assertThat(header).matches(looksLike));
    }

    @ParameterizedTest
    @CsvSource({"timeout-before-storing, 0", "timeout-after-storing, 1"})
    void a_call_can_time_out_before_or_after_it_took_effect(String kind, int stored) {
        fault("\"kind\":\"%s\",\"delayMillis\":5000".formatted(kind));

        assertThatThrownBy(() -> HttpClient.newHttpClient()
                        .send(
                                gallery.pushRequest(body(List.of(good())), Duration.ofMillis(700)),
                                HttpResponse.BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);

        assertThat(states()).hasSize(stored);
    }

    @Test
    void a_slow_answer_is_the_right_one_late() {
        fault("\"kind\":\"slow-answer\",\"delayMillis\":300");
        long before = System.nanoTime();

        assertThat(gallery.push(List.of(good())).code()).isEqualTo("MKT.0000");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void too_many_requests_says_how_long_to_wait_and_counts_who_does_not() {
        fault("\"kind\":\"too-many-requests\",\"retryAfterSeconds\":2");
        long before = violations();

        Gallery.Answer wait = gallery.push(List.of(good()));
        assertThat(wait.headers().firstValue("Retry-After")).contains("2");
        await().pollInterval(Duration.ofMillis(100))
                .until(() -> gallery.push(List.of(good())).status() == 429);
        assertThat(violations()).isGreaterThan(before);
        await().pollInterval(Duration.ofMillis(100))
                .until(() -> gallery.push(List.of(good())).status() == 200);
    }

    private long violations() {
        return gallery.stats().path("rate").path("retryAfterViolations").asLong();
    }

    @Test
    void retry_after_can_be_a_date() {
        fault("\"kind\":\"too-many-requests\",\"retryAfterSeconds\":0,\"retryAfterForm\":\"date\"");

        String date = gallery.push(List.of(good()))
                .headers()
                .firstValue("Retry-After")
                .orElseThrow();

        Instant until =
                ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        assertThat(Duration.between(Clock.systemUTC().instant(), until).abs()).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void an_accepted_record_can_show_as_rejected_later() {
        fault("\"kind\":\"reject-later\",\"laterSeconds\":600,\"code\":\"006\"");

        assertThat(gallery.push(List.of(good())).code()).isEqualTo("MKT.0000");

        assertThat(states()).containsExactly("accepted,");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:12:30Z"));
        assertThat(states()).containsExactly("rejected,006");
        assertThat(gallery.lines("/sim/bill.csv")).noneMatch(line -> line.startsWith(instance));
    }

    @Test
    void the_order_query_can_be_told_to_misbehave_apart_from_usage() {
        fault("\"kind\":\"internal-error-before-storing\",\"target\":\"order\"");

        assertThat(gallery.push(List.of(good())).status()).isEqualTo(200);
        assertThat(gallery.queryOrder("MOCKONDEMAND", null).status()).isEqualTo(500);
        assertThat(gallery.queryOrder("MOCKONDEMAND", null).status()).isEqualTo(200);
    }

    @Test
    void a_fault_that_nobody_knows_is_refused_with_a_sentence() {
        Gallery.Answer answer = gallery.control("POST", "/sim/faults", "{\"kind\":\"nonsense\"}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("code").asString("")).isEqualTo("body-not-readable");
        assertThat(answer.json().path("detail").asString("")).contains("no such kind: nonsense", "reject-later");
        assertThat(gallery.control("POST", "/sim/faults", "{\"kind\":\"slow-answer\",\"probability\":2}")
                        .json()
                        .path("detail")
                        .asString(""))
                .startsWith("probability ");
    }
}
