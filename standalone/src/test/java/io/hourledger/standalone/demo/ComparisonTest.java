package io.hourledger.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.standalone.traffic.Survey.Used;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ComparisonTest {

    private static final Instant TEN = Instant.parse("2015-05-17T10:00:00Z");

    private final SortedMap<String, Used> log = new TreeMap<>(
            Map.of("jane", new Used(3, BigInteger.valueOf(1_234_567)), "joe", new Used(1, BigInteger.valueOf(40))));
    private final Map<String, String> instances = new HashMap<>();
    private final Map<String, LedgerInstance> ledger = new HashMap<>();
    private final List<BilledRecord> gallery = new ArrayList<>();

    @BeforeEach
    void all_agree_at_first() {
        for (String buyer : log.keySet()) {
            DemoOrder.of(buyer)
                    .lines()
                    .forEach(line -> instances.put(
                            line.orderLineId(), buyer + "-" + line.meter().meter()));
        }
        journal("jane-requests", "3", "3", "0");
        bill("jane-requests", 0, "2");
        bill("jane-requests", 1, "1");
        journal("jane-egress", "1.234567", "1.2345", "0.000067");
        bill("jane-egress", 0, "1.2345");
        journal("joe-requests", "1", "1", "0");
        bill("joe-requests", 0, "1");
        journal("joe-egress", "0.00004", "0", "0.00004");
    }

    private void journal(String instance, String metered, String reported, String carried) {
        ledger.put(
                instance,
                new LedgerInstance(
                        instance,
                        new BigDecimal(metered),
                        new BigDecimal(reported),
                        new BigDecimal(carried),
                        BigDecimal.ZERO));
    }

    private void bill(String instance, int hour, String amount) {
        gallery.add(new BilledRecord(
                instance,
                instance + hour,
                TEN.plusSeconds(3_600L * hour),
                TEN.plusSeconds(3_600L * hour + 3_600),
                new BigDecimal(amount)));
    }

    private Comparison comparison() {
        Map<String, LedgerRecord> records = new HashMap<>();
        gallery.forEach(billed -> records.put(
                billed.meteringSn(),
                new LedgerRecord(
                        billed.instanceId(),
                        billed.meteringSn(),
                        billed.begin(),
                        billed.end(),
                        billed.amount(),
                        BigDecimal.ZERO,
                        "reported",
                        billed.end())));
        return Comparison.of(log, instances, ledger, records, gallery);
    }

    @Test
    void equal_sums_agree_and_the_rest_is_carried() {
        assertThat(comparison().differences()).isEmpty();
        assertThat(comparison().agrees()).isTrue();
        assertThat(comparison().meters().get(1)).satisfies(egress -> {
            assertThat(egress.log()).isEqualByComparingTo("1.234607");
            assertThat(egress.ledger()).isEqualByComparingTo("1.234607");
            assertThat(egress.gallery()).isEqualByComparingTo("1.2345");
            assertThat(egress.carried()).isEqualByComparingTo("0.000107");
        });
    }

    @Test
    void an_event_that_the_ledger_lost_is_found() {
        journal("jane-requests", "2", "2", "0");
        gallery.remove(1);
        assertThat(comparison().differences()).contains("jane (requests): log and ledger differ: 3 and 2");
    }

    @Test
    void a_record_that_the_gallery_has_twice_is_found() {
        bill("joe-requests", 5, "1");
        assertThat(comparison().agrees()).isFalse();
    }

    @Test
    void a_record_that_only_one_of_both_has_is_found() {
        Map<String, LedgerRecord> none = Map.of();
        assertThat(Comparison.of(log, instances, ledger, none, gallery).differences())
                .contains("record joe-requests0: the gallery has it, the ledger does not");
    }

    @Test
    void usage_that_was_moved_from_one_buyer_to_another_is_found_although_the_sums_agree() {
        journal("jane-requests", "2", "2", "0");
        journal("joe-requests", "2", "2", "0");
        assertThat(comparison().meters().get(0).ledger()).isEqualByComparingTo("4");
        assertThat(comparison().agrees()).isFalse();
    }

    @Test
    void a_rest_that_was_rounded_away_is_found() {
        journal("joe-egress", "0.00004", "0", "0");
        assertThat(comparison().agrees()).isFalse();
    }

    @Test
    void an_amount_that_is_still_in_flight_is_found() {
        ledger.put(
                "joe-requests",
                new LedgerInstance(
                        "joe-requests", BigDecimal.ONE, BigDecimal.ONE, BigDecimal.ZERO, new BigDecimal("0.5")));
        assertThat(comparison().agrees()).isFalse();
    }

    @Test
    void a_bill_for_an_instance_that_nobody_ordered_is_found() {
        bill("stranger", 0, "1");
        assertThat(comparison().differences())
                .containsExactly("the gallery bills 1 of instance stranger, which nobody ordered");
    }

    @Test
    void a_buyer_without_an_instance_is_found() {
        instances.remove(DemoOrder.of("joe").lines().get(0).orderLineId());
        assertThat(comparison().differences()).contains("joe (requests): no instance was opened");
    }
}
