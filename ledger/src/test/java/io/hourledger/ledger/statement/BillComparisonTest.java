package io.hourledger.ledger.statement;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ledger.statement.BillComparison.Bill;
import io.hourledger.ledger.statement.BillComparison.Cause;
import io.hourledger.ledger.statement.BillComparison.Comparison;
import io.hourledger.ledger.statement.BillComparison.Part;
import io.hourledger.ledger.store.TestLedger;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rows are laid by SQL, so that each cause is known before the comparison is asked. */
@Tag("servers")
class BillComparisonTest {

    private static final YearMonth JANUARY = YearMonth.of(2026, 1);
    private static final YearMonth FEBRUARY = YearMonth.of(2026, 2);

    private static TestLedger test;
    private static BillComparison bills;

    @BeforeAll
    static void open() {
        test = new TestLedger();
        bills = new BillComparison(test.jdbc, test.transactions);
    }

    @AfterAll
    static void close() {
        test.close();
    }

    @Test
    void each_cause_is_told_apart_and_their_differences_are_the_difference() {
        instance("a", "buyer-a");
        upgrade("a", "2026-02-10T00:30:00Z");
        billed("a", "2026-01-05T01:00:00Z", 0, "10");
        billed("a", "2026-02-05T01:00:00Z", 0, "15");
        billed("a", "2026-02-05T01:00:00Z", 1, "3");
        hour("a", "2026-02-05T02:00:00Z", 1, "-2", "0", null, "0");
        billed("a", "2026-02-10T01:00:00Z", 0, "20");
        hour("a", "2026-02-06T01:00:00Z", 0, "7", "0", "frozen", "0");
        record("a", "2026-02-06T01:00:00Z", 0, 0, "7", "reported", null);
        hour("a", "2026-02-06T02:00:00Z", 0, "4", "4", "frozen", "0");
        hour("a", "2026-02-07T01:00:00Z", 0, "6", "0", null, "0");
        record("a", "2026-02-07T01:00:00Z", 0, 0, "6", "reissued", null);
        record("a", "2026-02-07T01:00:00Z", 0, 1, "6", "reported", null);
        hour("a", "2026-02-08T01:00:00Z", 0, "9", "0", null, "0");
        record("a", "2026-02-08T01:00:00Z", 0, 0, "9", "reported", "package-1");
        hour("a", "2026-02-09T01:00:00Z", 0, "5.00007", "0", null, "0");
        record("a", "2026-02-09T01:00:00Z", 0, 0, "5", "refused", null);
        hour("a", "2026-02-09T02:00:00Z", 0, "1.5", "0", null, "1");
        record("a", "2026-02-09T02:00:00Z", 0, 0, "0.5", "in-flight", null);

        Comparison comparison = bills.ofBuyer("buyer-a", JANUARY, FEBRUARY);
        assertThat(comparison.total()).hasSize(1);
        assertThat(comparison.instances()).hasSize(1);
        Bill bill = comparison.total().getFirst();
        assertThat(bill.difference()).isEqualByComparingTo("50");
        Map<Cause, String> expected = new EnumMap<>(Map.of(
                Cause.USAGE, "11.50007",
                Cause.OTHER_PRODUCT, "20",
                Cause.PACKAGES, "9",
                Cause.LATE, "3",
                Cause.CREDITS, "-2",
                Cause.BILLED_LATER, "11",
                Cause.ISSUED_AGAIN, "6",
                Cause.WITHHELD, "-4",
                Cause.NEEDS_DECISION, "-5"));
        expected.putAll(Map.of(Cause.IN_FLIGHT, "-0.5", Cause.WRITTEN_OFF, "-1", Cause.CARRIED, "1.99993"));
        for (Part part : bill.parts()) {
            assertThat(part.difference())
                    .as(part.cause().name())
                    .isEqualByComparingTo(String.valueOf(expected.get(part.cause())));
        }
        assertThat(bill.main()).isEqualTo(Cause.OTHER_PRODUCT);
        assertThat(bills.ofInstance("a", JANUARY, FEBRUARY).total().getFirst().parts())
                .usingRecursiveComparison()
                .isEqualTo(bill.parts());
    }

    @RepeatedTest(20)
    void the_parts_add_up_exactly_and_only_what_hours_left_over_is_carried(RepetitionInfo repetition) {
        int seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        String buyer = "buyer-" + seed;
        BigDecimal[] left = {BigDecimal.ZERO, BigDecimal.ZERO};
        BigDecimal[] reported = {BigDecimal.ZERO, BigDecimal.ZERO};
        for (int n = 0; n < 3; n++) {
            String id = "r-" + seed + "-" + n;
            instance(id, buyer);
            for (int row = 0; row < 30; row++) {
                int month = random.nextInt(2);
                String hour = (month == 0 ? JANUARY : FEBRUARY).atDay(1 + row % 28) + "T0" + row / 28 + ":00:00Z";
                BigDecimal sum = BigDecimal.ZERO;
                for (int issued = random.nextInt(3); issued > 0; issued--) {
                    String state = STATES.get(random.nextInt(STATES.size()));
                    BigDecimal amount = amount(random);
                    record(id, hour, 0, issued, amount.toPlainString(), state, random.nextBoolean() ? "p" : null);
                    sum = state.equals("reissued") ? sum : sum.add(amount);
                    reported[month] = state.equals("reported") ? reported[month].add(amount) : reported[month];
                }
                boolean held = random.nextInt(4) == 0;
                BigDecimal withheld = held ? amount(random) : BigDecimal.ZERO;
                BigDecimal givenUp = held ? amount(random) : BigDecimal.ZERO;
                BigDecimal carried = amount(random);
                left[month] = left[month].add(carried);
                hour(
                        id,
                        hour,
                        0,
                        sum.add(withheld).add(givenUp).add(carried).toPlainString(),
                        withheld.toPlainString(),
                        held ? "frozen" : null,
                        givenUp.toPlainString());
            }
        }
        Comparison comparison = bills.ofBuyer(buyer, JANUARY, FEBRUARY);
        Bill total = comparison.total().getFirst();
        assertThat(total.billedBefore()).isEqualByComparingTo(reported[0]);
        assertThat(total.billedNow()).isEqualByComparingTo(reported[1]);
        assertThat(total.parts().stream().map(Part::difference).reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(reported[1].subtract(reported[0]));
        Part carried = total.parts().stream()
                .filter(part -> part.cause() == Cause.CARRIED)
                .findFirst()
                .orElseThrow();
        assertThat(carried.before()).isEqualByComparingTo(left[0].negate());
        assertThat(carried.now()).isEqualByComparingTo(left[1].negate());
        assertThat(comparison.instances().stream().map(Bill::difference).reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(total.difference());
    }

    private static final List<String> STATES =
            List.of("reported", "reported", "in-flight", "unknown", "refused", "disputed", "reissued", "written-off");

    private static BigDecimal amount(Random random) {
        return BigDecimal.valueOf(random.nextInt(-20_000, 1_000_000), 5);
    }

    private static void billed(String id, String hour, int revision, String amount) {
        hour(id, hour, revision, amount, "0", null, "0");
        record(id, hour, revision, revision, amount, "reported", null);
    }

    private static void instance(String id, String buyer) {
        test.jdbc.update(
                """
                insert into ledger.instance (instance_id, order_id, order_line_id, product_id, meter, charging_mode,
                    pricing_mode, billing_cycle, buyer_id, test, opened_at)
                values (?, 'o', 'l', 'P', 'egress', 'ON_DEMAND', 'FIXED', 'HOURLY', ?, false, '2026-01-01Z')""",
                id,
                buyer);
    }

    private static void upgrade(String id, String at) {
        test.jdbc.update(
                "insert into ledger.event (instance_id, sequence_number, event_type, revision, payload)"
                        + " values (?, 1, 'instance-upgraded', 1, jsonb_build_object('upgradedAt', ?::text))",
                id,
                at);
    }

    private static void hour(
            String id,
            String hour,
            int revision,
            String amount,
            String withheld,
            @Nullable String reason,
            String givenUp) {
        test.jdbc.update(
                """
                insert into ledger.metered_hour (instance_id, hour, revision, amount, event_count, first_event_at, last_event_at,
                    partition, first_offset, last_offset, meter, catalogue_version, closed_at, withheld, withheld_reason,
                    withheld_written_off)
                values (?, ?, ?, ?::numeric, 1, now(), now(), 0, 0, 0, 'egress', 1, now(), ?::numeric, ?, ?::numeric)""",
                id,
                at(hour),
                revision,
                amount,
                withheld,
                reason,
                givenUp);
    }

    /** Each record of an hour has a minute of its own. */
    private static void record(
            String id, String hour, int revision, int minute, String amount, String state, @Nullable String packageId) {
        OffsetDateTime begin = at(hour).plusMinutes(minute);
        test.jdbc.update(
                """
                insert into ledger.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount, carried,
                    issued_at, state, state_since, package_instance_id)
                values (?, ?, ?, ?, ?, ?, ?::numeric, 0, now(), ?, now(), ?)""",
                id,
                id + begin,
                at(hour),
                revision,
                begin,
                begin.plusMinutes(1),
                amount,
                state,
                packageId);
    }

    private static OffsetDateTime at(String moment) {
        return Instant.parse(moment).atOffset(ZoneOffset.UTC);
    }
}
