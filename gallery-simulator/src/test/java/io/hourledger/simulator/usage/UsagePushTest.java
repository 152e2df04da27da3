package io.hourledger.simulator.usage;

import static io.hourledger.simulator.Gallery.body;
import static io.hourledger.simulator.Gallery.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.simulator.Gallery;
import io.hourledger.simulator.SharedGallery;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The push call over HTTP, koogallery.md, sections 1.2, 1.4, 1.5 and 1.9. */
@Tag("servers")
class UsagePushTest {

    private static final String TEN = "2026-05-04T10:00:00Z";
    private static final String ELEVEN = "2026-05-04T11:00:00Z";
    private static final String RECORDED = "2026-05-04T11:02:00Z";

    private final Gallery gallery = SharedGallery.GALLERY;
    private final String buyer = "buyer-" + UUID.randomUUID();
    private final String sn = "sn-" + UUID.randomUUID();
    private String instance;

    @BeforeEach
    void open() {
        gallery.clock.moveTo(Instant.parse("2026-05-04T09:30:00Z"));
        instance = gallery.open(buyer, "web-requests");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:02:30Z"));
    }

    @AfterEach
    void asBefore() {
        gallery.control("PUT", "/sim/settings", "{\"answerModel\":\"SILENT\",\"callsPerSecond\":1000}");
        gallery.control("DELETE", "/sim/faults", null);
    }

    private Map<String, Object> good() {
        return record(instance, sn, TEN, ELEVEN, "5", RECORDED);
    }

    private List<String> states() {
        return gallery.records().stream()
                .filter(line -> line.startsWith(instance + ","))
                .map(line -> line.replaceAll("^.*Z,", ""))
                .toList();
    }

    @Test
    void a_body_that_was_changed_on_its_way_is_0102() {
        String ts = Long.toString(Clock.systemUTC().millis());
        Gallery.Answer answer =
                gallery.push(body(List.of(good())), Map.of("signature", "AAAA", "ts", ts, "nonce", "n-" + sn));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("MKT.0102");
        assertThat(states()).isEmpty();
    }

    @Test
    void a_call_without_ts_or_nonce_is_0199() {
        assertThat(gallery.push(body(List.of(good())), Map.of("signature", "AAAA", "nonce", "n"))
                        .code())
                .isEqualTo("MKT.0199");
        assertThat(gallery.push(body(List.of(good())), Map.of("signature", "AAAA", "ts", "1709690865879"))
                        .code())
                .isEqualTo("MKT.0199");
        assertThat(gallery.push(body(List.of(good())), Map.of("signature", "AAAA", "ts", "1709690865", "nonce", "n"))
                        .code())
                .isEqualTo("MKT.0199");
    }

    @Test
    void a_nonce_that_was_used_before_is_a_replay() {
        assertThat(gallery.push(body(List.of(good())), "nonce-" + sn).status()).isEqualTo(200);

        Gallery.Answer replayed = gallery.push(body(List.of(good())), "nonce-" + sn);

        assertThat(replayed.code()).isEqualTo("MKT.0102");
        assertThat(states()).containsExactly("accepted,");
    }

    @Test
    void a_signed_body_that_is_not_in_sorted_form_is_0102() {
        String spaced = body(List.of(good())).replace(":[{", ": [{");

        assertThat(gallery.push(spaced).code()).isEqualTo("MKT.0102");
        assertThat(states()).isEmpty();
    }

    @Test
    void an_identical_repeat_is_answered_as_success_and_billed_once() {
        gallery.push(List.of(good()));
        Gallery.Answer again = gallery.push(List.of(good()));

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.code()).isEqualTo("MKT.0000");
        assertThat(states()).containsExactly("accepted,", "rejected,010");
        assertThat(gallery.lines("/sim/bill.csv"))
                .filteredOn(line -> line.startsWith(instance))
                .hasSize(1);
    }

    @Test
    void in_the_silent_model_a_bad_time_range_is_success_for_the_call_and_shows_in_the_console_only() {
        Gallery.Answer answer = gallery.push(List.of(record(instance, sn, TEN, "2026-05-04T12:00:00Z", "5", RECORDED)));

        assertThat(answer.body()).isEqualTo("{\"error_code\":\"MKT.0000\",\"error_msg\":\"success\"}");
        assertThat(states()).containsExactly("rejected,011");
    }

    @Test
    void in_the_silent_model_an_unknown_instance_refuses_the_whole_call_and_nothing_is_kept() {
        Gallery.Answer answer =
                gallery.push(List.of(good(), record("nobody-" + sn, "other-" + sn, TEN, ELEVEN, "5", RECORDED)));

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.code()).isEqualTo("MKT.9001");
        assertThat(states()).isEmpty();
    }

    @Test
    void in_the_listing_model_the_good_records_are_kept_and_the_bad_ones_are_named_with_their_codes() {
        gallery.control("PUT", "/sim/settings", "{\"answerModel\":\"abnormal_list\"}");
        Map<String, Object> noAmount = record(instance, "none-" + sn, TEN, ELEVEN, "0", RECORDED);
        Map<String, Object> stranger = record("nobody-" + sn, "other-" + sn, TEN, ELEVEN, "5", RECORDED);

        Gallery.Answer answer = gallery.push(List.of(good(), noAmount, stranger));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.code()).isEqualTo("MKT.0000");
        List<String> named = new ArrayList<>();
        for (JsonNode one : answer.json().path("abnormal_usage_data")) {
            named.add(one.path("metering_sn").asString("") + " "
                    + one.path("error_code").asString(""));
        }
        assertThat(named).containsExactly("none-" + sn + " 003", "other-" + sn + " 001");
        assertThat(states()).containsExactly("accepted,", "rejected,003");
    }

    @Test
    void calls_above_the_rate_are_refused_with_retry_after_and_counted() {
        gallery.control("PUT", "/sim/settings", "{\"callsPerSecond\":1}");
        long before = gallery.stats().path("rate").path("violations").asLong();

        List<Gallery.Answer> answers = java.util.stream.Stream.generate(() -> gallery.push(List.of(good())))
                .limit(3)
                .toList();

        List<Gallery.Answer> tooMany =
                answers.stream().filter(answer -> answer.status() == 429).toList();
        assertThat(tooMany).isNotEmpty().allMatch(answer -> answer.code().equals("APIGW.0308"));
        assertThat(tooMany.get(0).headers().firstValue("Retry-After")).contains("1");
        assertThat(gallery.stats().path("rate").path("violations").asLong()).isEqualTo(before + tooMany.size());
    }

    @Test
    void two_calls_at_once_with_the_same_record_bill_it_once() {
        String body = body(List.of(good()));

        List<Gallery.Answer> answers = java.util.stream.IntStream.range(0, 8)
                .parallel()
                .mapToObj(call -> gallery.push(body))
                .toList();

        assertThat(answers).allMatch(answer -> answer.status() == 200);
        assertThat(states())
                .hasSize(8)
                .filteredOn(state -> state.equals("accepted,"))
                .hasSize(1);
    }

    @Test
    void ninety_percent_of_a_thousand_records_can_be_repeats_of_the_call_before() {
        List<Map<String, Object>> records = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String begin = "2026-05-04T10:%02d:%02dZ".formatted(i / 60, i % 60);
            records.add(record(instance, sn + "-" + i, begin, ELEVEN, "0.0001", RECORDED));
        }
        gallery.push(records.subList(0, 900));

        assertThat(gallery.push(records).code()).isEqualTo("MKT.0000");

        assertThat(states()).filteredOn(state -> state.equals("accepted,")).hasSize(1000);
        assertThat(gallery.lines("/sim/bill.csv"))
                .filteredOn(line -> line.startsWith(instance))
                .containsExactly(instance + "," + buyer + ",web-requests,2026-05-04T10:00:00Z,1000,0.1000");
    }

    @Test
    void usage_of_a_product_that_a_stop_when_used_up_package_covers_must_name_the_package() {
        gallery.clock.moveTo(Instant.parse("2026-05-04T09:30:00Z"));
        String uncovered = gallery.open(buyer, "web-egress");
        String bundle = gallery.control(
                        "POST",
                        "/sim/orders",
                        """
                        {"waitSeconds":20,"orders":[{"name":"package of %s","buyerId":"%s","lines":[
                         {"chargingMode":"ON_DEMAND_PKG","stopWhenUsedUp":true,"packageFor":["web-requests"],
                          "products":[{"productId":"web-requests-1000"}]}]}]}"""
                                .formatted(buyer, buyer))
                .json()
                .path("lines")
                .path(0)
                .path("instanceId")
                .asString("");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:02:30Z"));
        Map<String, Object> withPackage = good();
        withPackage.put("relate_pkg_instance", bundle);

        assertThat(gallery.push(List.of(good())).code()).isEqualTo("MKT.9002");
        assertThat(gallery.push(List.of(withPackage)).code()).isEqualTo("MKT.0000");
        assertThat(gallery.push(List.of(record(uncovered, "other-" + sn, TEN, ELEVEN, "5", RECORDED)))
                        .code())
                .isEqualTo("MKT.0000");
        assertThat(states()).containsExactly("accepted,");
    }
}
