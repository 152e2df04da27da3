package io.hourledger.simulator.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.simulator.usage.KnownInstance.Bundle;
import io.hourledger.simulator.usage.KnownInstance.FrozenSpan;
import io.hourledger.simulator.usage.PushedRecord.Earlier;
import io.hourledger.simulator.usage.PushedRecord.SentAmount;
import io.hourledger.simulator.usage.PushedRecord.WellFormed;
import io.hourledger.simulator.usage.RecordRules.Assessed;
import io.hourledger.simulator.usage.RecordRules.Known;
import io.hourledger.simulator.usage.RecordRules.Limits;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One record against what the gallery knows, koogallery.md, sections 1.5 to 1.7 and 5. */
@Tag("fast")
class RecordRulesTest {

    private static final Instant NOW = Instant.parse("2026-05-04T11:05:00Z");
    private static final Instant START = Instant.parse("2026-04-01T00:00:00Z");
    private static final Instant TEN = Instant.parse("2026-05-04T10:00:00Z");
    private static final Instant ELEVEN = Instant.parse("2026-05-04T11:00:00Z");
    private static final Limits LIMITS = new Limits(Duration.ofSeconds(1), false, false);

    private final Map<String, KnownInstance> instances = new HashMap<>();
    private Limits limits = LIMITS;

    RecordRulesTest() {
        know(payPerUse("i-1", "buyer", START, null));
    }

    private void know(KnownInstance instance) {
        instances.put(instance.instanceId(), instance);
    }

    private static KnownInstance payPerUse(
            String id, String buyer, Instant start, Instant released, FrozenSpan... frozen) {
        return new KnownInstance(id, buyer, "web-requests", "ON_DEMAND", start, released, List.of(frozen), null);
    }

    private static KnownInstance bundle(String id, String buyer) {
        return bundle(id, buyer, null, new Bundle(List.of(), START, null, BigDecimal.ZERO));
    }

    private static KnownInstance bundle(
            String id, String buyer, Instant released, Bundle bundle, FrozenSpan... frozen) {
        return new KnownInstance(id, buyer, "package", "ON_DEMAND_PKG", START, released, List.of(frozen), bundle);
    }

    private static WellFormed record(String sn, Instant begin, Instant end) {
        return record("i-1", sn, begin, end, "5", null);
    }

    private static WellFormed record(
            String instance, String sn, Instant begin, Instant end, String amount, String packageId) {
        Instant recordTime = Instant.parse("2026-05-04T11:04:00Z");
        return new WellFormed(
                0, instance, sn, begin, end, recordTime, new SentAmount(new BigDecimal(amount), amount), packageId);
    }

    private List<Assessed> assess(List<Earlier> earlier, WellFormed... records) {
        return new RecordRules(new Known(instances, earlier, Set.of()), NOW, limits).assess(List.of(records));
    }

    private String verdict(WellFormed record) {
        return verdict(assess(List.of(), record).get(0));
    }

    private static String verdict(Assessed assessed) {
        RecordAnswerCode code = assessed.code();
        return code == null ? "accepted" : code.number();
    }

    private String callRefusal(WellFormed record) {
        Refusal refusal =
                new RecordRules(new Known(instances, List.of(), Set.of()), NOW, limits).refusal(List.of(record));
        return refusal == null ? "none" : refusal.httpStatus() + " " + refusal.code();
    }

    @Test
    void a_record_of_a_living_instance_for_an_hour_that_is_over_is_accepted() {
        assertThat(verdict(record("sn", TEN, ELEVEN))).isEqualTo("accepted");
        assertThat(callRefusal(record("sn", TEN, ELEVEN))).isEqualTo("none");
    }

    @Test
    void an_instance_that_nobody_opened_is_9001_for_the_call_and_001_for_the_record() {
        WellFormed stranger = record("i-unknown", "sn", TEN, ELEVEN, "5", null);

        assertThat(callRefusal(stranger)).isEqualTo("500 MKT.9001");
        assertThat(verdict(stranger)).isEqualTo("001");
    }

    @Test
    void a_begin_more_than_21_days_ago_is_9004_for_the_call_and_007_for_the_record() {
        Instant oldest = NOW.minus(Duration.ofDays(21));

        assertThat(callRefusal(record("sn", oldest, ELEVEN))).isEqualTo("none");
        assertThat(callRefusal(record("sn", oldest.minusSeconds(1), ELEVEN))).isEqualTo("500 MKT.9004");
        assertThat(verdict(record("sn", oldest.minusSeconds(1), ELEVEN))).isEqualTo("007");
    }

    @Test
    void a_begin_before_the_instance_started_is_011() {
        know(payPerUse("i-1", "buyer", TEN, null));

        assertThat(verdict(record("sn", TEN, ELEVEN))).isEqualTo("accepted");
        assertThat(verdict(record("sn", TEN.minusSeconds(1), ELEVEN))).isEqualTo("011");
    }

    @Test
    void an_end_before_the_begin_is_011_and_an_empty_window_is_not() {
        assertThat(verdict(record("sn", ELEVEN, TEN))).isEqualTo("011");
        assertThat(verdict(record("sn", TEN, TEN))).isEqualTo("accepted");
    }

    @Test
    void an_end_after_the_time_of_reporting_is_011() {
        assertThat(verdict(record("sn", ELEVEN, NOW.plusSeconds(1)))).isEqualTo("accepted");
        assertThat(verdict(record("sn", ELEVEN, NOW.plusSeconds(2)))).isEqualTo("011");
    }

    @Test
    void an_end_after_the_release_is_011_and_usage_before_it_is_still_taken() {
        know(payPerUse("i-1", "buyer", START, Instant.parse("2026-05-04T10:30:00Z")));

        assertThat(verdict(record("sn", TEN, ELEVEN))).isEqualTo("011");
        assertThat(verdict(record("sn", TEN, Instant.parse("2026-05-04T10:30:00Z"))))
                .isEqualTo("accepted");
    }

    @Test
    void usage_of_a_time_in_which_the_instance_was_frozen_is_013() {
        Instant half = Instant.parse("2026-05-04T10:30:00Z");
        Instant later = Instant.parse("2026-05-04T10:45:00Z");
        know(payPerUse("i-1", "buyer", START, null, new FrozenSpan(half, later)));

        assertThat(verdict(record("sn", TEN, ELEVEN))).isEqualTo("013");
        assertThat(verdict(record("sn", TEN, half))).isEqualTo("accepted");
        assertThat(verdict(record("sn", later, ELEVEN))).isEqualTo("accepted");

        know(payPerUse("i-1", "buyer", START, null, new FrozenSpan(half, null)));
        assertThat(verdict(record("sn", later, ELEVEN))).isEqualTo("013");
    }

    @Test
    void an_identical_repeat_is_010_and_known_as_a_repeat() {
        WellFormed first = record("sn", TEN, ELEVEN);
        Assessed again = assess(List.of(Earlier.of(first, true)), first).get(0);

        assertThat(verdict(again)).isEqualTo("010");
        assertThat(again.repeats()).isTrue();
    }

    @Test
    void a_known_metering_sn_with_any_other_content_is_005() {
        WellFormed first = record("sn", TEN, ELEVEN);
        List<Earlier> earlier = List.of(Earlier.of(first, true));

        assertThat(verdict(assess(earlier, record("i-1", "sn", TEN, ELEVEN, "6", null))
                        .get(0)))
                .isEqualTo("005");
        assertThat(verdict(assess(earlier, record("sn", TEN, ELEVEN.minusSeconds(1)))
                        .get(0)))
                .isEqualTo("005");
        WellFormed rebuilt = new WellFormed(
                0,
                "i-1",
                "sn",
                TEN,
                ELEVEN,
                first.recordTime().plusSeconds(1),
                new SentAmount(first.amount(), "5"),
                null);
        assertThat(verdict(assess(earlier, rebuilt).get(0))).isEqualTo("005");
    }

    @Test
    void the_same_amount_written_with_other_zeros_is_the_same_record() {
        WellFormed first = record("i-1", "sn", TEN, ELEVEN, "5", null);

        assertThat(assess(List.of(Earlier.of(first, true)), record("i-1", "sn", TEN, ELEVEN, "5.0000", null))
                        .get(0)
                        .repeats())
                .isTrue();
    }

    @Test
    void a_window_that_was_accepted_is_010_under_any_other_metering_sn() {
        Assessed second = assess(List.of(Earlier.of(record("sn-1", TEN, ELEVEN), true)), record("sn-2", TEN, ELEVEN))
                .get(0);

        assertThat(verdict(second)).isEqualTo("010");
        assertThat(second.repeats()).isFalse();
    }

    @Test
    void of_two_equal_windows_in_one_call_the_first_is_processed() {
        List<Assessed> assessed = assess(List.of(), record("sn-1", TEN, ELEVEN), record("sn-2", TEN, ELEVEN));

        assertThat(assessed).extracting(RecordRulesTest::verdict).containsExactly("accepted", "010");
    }

    @Test
    void equal_windows_of_two_instances_are_no_duplicates() {
        know(payPerUse("i-2", "buyer", START, null));

        assertThat(assess(List.of(), record("sn-1", TEN, ELEVEN), record("i-2", "sn-2", TEN, ELEVEN, "5", null)))
                .extracting(RecordRulesTest::verdict)
                .containsExactly("accepted", "accepted");
    }

    @Test
    void a_rejected_record_can_be_sent_again_when_its_reason_has_gone() {
        Earlier rejected = Earlier.of(record("sn", TEN, ELEVEN), false);

        assertThat(verdict(assess(List.of(rejected), record("sn", TEN, ELEVEN)).get(0)))
                .isEqualTo("accepted");
    }

    @Test
    void a_package_as_instance_id_is_9002_for_the_call_and_012_for_the_record() {
        know(bundle("pkg-1", "buyer"));
        WellFormed record = record("pkg-1", "sn", TEN, ELEVEN, "5", null);

        assertThat(callRefusal(record)).isEqualTo("500 MKT.9002");
        assertThat(verdict(record)).isEqualTo("012");
    }

    @Test
    void a_record_can_draw_on_a_package_of_the_same_buyer_only() {
        know(bundle("pkg-1", "buyer"));
        know(bundle("pkg-2", "somebody else"));

        assertThat(verdict(record("i-1", "sn", TEN, ELEVEN, "5", "pkg-1"))).isEqualTo("accepted");
        assertThat(verdict(record("i-1", "sn", TEN, ELEVEN, "5", "pkg-2"))).isEqualTo("009");
        assertThat(verdict(record("i-1", "sn", TEN, ELEVEN, "5", "i-1"))).isEqualTo("012");
        assertThat(callRefusal(record("i-1", "sn", TEN, ELEVEN, "5", "pkg-3"))).isEqualTo("500 MKT.9001");
    }

    @Test
    void a_buyer_with_a_stop_when_used_up_package_must_be_reported_with_it() {
        know(bundle("pkg-1", "buyer"));

        assertThat(callRefusal(record("sn", TEN, ELEVEN))).isEqualTo("500 MKT.9002");
        assertThat(verdict(record("sn", TEN, ELEVEN))).isEqualTo("013");
        assertThat(verdict(record("i-1", "sn", TEN, ELEVEN, "5", "pkg-1"))).isEqualTo("accepted");
    }

    @Test
    void usage_from_before_the_package_was_opened_needs_none() {
        Instant half = Instant.parse("2026-05-04T10:30:00Z");
        know(bundle("pkg-1", "buyer", null, new Bundle(List.of(), half, null, BigDecimal.ZERO)));

        assertThat(verdict(record("sn", TEN, half))).isEqualTo("accepted");
        assertThat(verdict(record("sn", TEN, ELEVEN))).isEqualTo("013");
        assertThat(verdict(record("sn", half, ELEVEN))).isEqualTo("013");
    }

    @Test
    void a_package_pays_for_its_products_only_and_an_ordinary_package_for_none() {
        know(bundle("pkg-1", "buyer", null, new Bundle(List.of("web-egress"), START, null, BigDecimal.ZERO)));
        know(bundle("pkg-2", "buyer", null, null));

        assertThat(verdict(record("sn", TEN, ELEVEN))).isEqualTo("accepted");
        assertThat(verdict(record("i-1", "sn", TEN, ELEVEN, "5", "pkg-1"))).isEqualTo("012");
        assertThat(verdict(record("i-1", "sn", TEN, ELEVEN, "5", "pkg-2"))).isEqualTo("012");
    }

    @Test
    void no_record_takes_more_from_a_package_than_it_holds_and_a_used_up_one_need_not_be_named() {
        Instant half = Instant.parse("2026-05-04T10:30:00Z");
        know(bundle("pkg-1", "buyer", null, new Bundle(List.of(), START, new BigDecimal("9"), new BigDecimal("4"))));
        WellFormed rest = record("i-1", "sn-1", TEN, half, "5", "pkg-1");
        WellFormed beyond = record("sn-2", half, ELEVEN);

        assertThat(verdict(record("i-1", "sn", TEN, half, "5.0001", "pkg-1"))).isEqualTo("013");
        assertThat(verdict(beyond)).isEqualTo("013");
        assertThat(assess(List.of(), rest, beyond))
                .extracting(RecordRulesTest::verdict)
                .containsExactly("accepted", "accepted");
        assertThat(new RecordRules(new Known(instances, List.of(), Set.of()), NOW, limits)
                        .refusal(List.of(rest, beyond)))
                .isNull();
    }

    @Test
    void a_package_pays_neither_after_its_release_nor_while_it_is_frozen() {
        Instant half = Instant.parse("2026-05-04T10:30:00Z");
        Bundle full = new Bundle(List.of(), START, null, BigDecimal.ZERO);
        know(bundle("pkg-1", "buyer", half, full));
        know(bundle("pkg-2", "buyer", null, full, new FrozenSpan(half, null)));

        assertThat(verdict(record("i-1", "sn", TEN, half, "5", "pkg-1"))).isEqualTo("accepted");
        assertThat(verdict(record("i-1", "sn", TEN, ELEVEN, "5", "pkg-1"))).isEqualTo("011");
        assertThat(verdict(record("i-1", "sn", TEN, half, "5", "pkg-2"))).isEqualTo("accepted");
        assertThat(verdict(record("i-1", "sn", half, ELEVEN, "5", "pkg-2"))).isEqualTo("013");
        assertThat(verdict(record("sn", half, ELEVEN))).isEqualTo("accepted");
    }

    @Test
    void overlapping_windows_are_taken_unless_the_simulator_is_told_otherwise() {
        WellFormed shorter = record("sn-2", TEN, ELEVEN.minusSeconds(1));
        List<Earlier> first = List.of(Earlier.of(record("sn-1", TEN, ELEVEN), true));

        assertThat(verdict(assess(first, shorter).get(0))).isEqualTo("accepted");
        limits = new Limits(Duration.ofSeconds(1), true, false);
        assertThat(verdict(assess(first, shorter).get(0))).isEqualTo("011");
    }

    @Test
    void windows_across_a_full_hour_are_taken_unless_the_simulator_is_told_otherwise() {
        WellFormed crossing = record("sn", TEN.minusSeconds(60), ELEVEN.minusSeconds(60));

        assertThat(verdict(crossing)).isEqualTo("accepted");
        limits = new Limits(Duration.ofSeconds(1), false, true);
        assertThat(verdict(crossing)).isEqualTo("011");
        assertThat(verdict(record("sn", TEN, ELEVEN))).isEqualTo("accepted");
    }
}
