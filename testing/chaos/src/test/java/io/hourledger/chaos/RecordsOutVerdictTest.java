package io.hourledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.chaos.LedgerReader.Records;
import io.hourledger.chaos.MarketplaceRecords.Row;
import io.hourledger.chaos.MarketplaceRecords.Thrown;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class RecordsOutVerdictTest {

    private static final UsageHour HOUR = new UsageHour(Instant.parse("2026-11-24T09:00:00Z"));
    private static final Records ALL_REPORTED = new Records(1, 0, 1, 0, 0);

    private static Row row(String amount, Duration afterTheHour, boolean accepted, String code) {
        return new Row("i", HOUR, new BigDecimal(amount), HOUR.end().plus(afterTheHour), accepted, code);
    }

    private static Row accepted(Duration afterTheHour) {
        return row("2.5", afterTheHour, true, "");
    }

    private static Thrown outage(Duration from, Duration to) {
        return new Thrown("outage", HOUR.end().plus(from), HOUR.end().plus(to), 3, true);
    }

    private static RecordsOutVerdict verdict(List<Row> rows, List<Thrown> thrown) {
        return verdict(rows, thrown, ALL_REPORTED, 0);
    }

    private static RecordsOutVerdict verdict(List<Row> rows, List<Thrown> thrown, Records records, long above) {
        return verdict(rows, thrown, List.of(), records, above);
    }

    private static RecordsOutVerdict verdict(
            List<Row> rows, List<Thrown> thrown, List<String> notThrown, Records records, long above) {
        HourAmounts truth = new HourAmounts();
        truth.add("i", HOUR, new BigDecimal("2.5"), 1);
        return RecordsOutVerdict.of(new RecordsOutVerdict.Run(
                Map.of("default", truth),
                truth,
                Map.of(HOUR, HOUR.end().plusSeconds(120)),
                List.of(new MarketplaceRecords("default", rows, thrown, notThrown)),
                records,
                true,
                above));
    }

    @Test
    void a_run_in_which_the_marketplace_has_the_ledgers_records_in_time_is_good() {
        assertThat(verdict(List.of(accepted(Duration.ofMinutes(3))), List.of()).wrong())
                .isEmpty();
    }

    @Test
    void a_record_that_the_marketplace_does_not_have_is_lost() {
        assertThat(verdict(List.of(), List.of()).lost()).isOne();
    }

    @Test
    void a_record_that_it_has_twice_is_said_to_be() {
        Row once = accepted(Duration.ofMinutes(3));
        assertThat(verdict(List.of(once, once), List.of()).twice()).isOne();
    }

    @Test
    void a_repeat_that_it_refused_as_a_duplicate_is_no_second_record() {
        Row again = row("2.5", Duration.ofMinutes(4), false, "010");
        assertThat(verdict(List.of(accepted(Duration.ofMinutes(3)), again), List.of())
                        .good())
                .isTrue();
    }

    @Test
    void what_was_taken_and_rejected_later_was_there_and_in_time() {
        assertThat(verdict(List.of(row("2.5", Duration.ofMinutes(3), false, "008")), List.of())
                        .good())
                .isTrue();
    }

    @Test
    void an_hour_is_late_only_if_the_marketplace_took_calls_for_five_minutes_of_the_first_fifteen() {
        List<Row> late = List.of(accepted(Duration.ofMinutes(16)));

        assertThat(verdict(late, List.of()).fresh().late()).hasSize(1);
        assertThat(verdict(late, List.of(outage(Duration.ofMinutes(2), Duration.ofMinutes(9))))
                        .fresh()
                        .late())
                .hasSize(1);
        assertThat(verdict(late, List.of(outage(Duration.ofMinutes(2), Duration.ofMinutes(12))))
                        .good())
                .isTrue();
    }

    @Test
    void what_is_unclear_or_above_the_ceiling_is_wrong() {
        List<Row> rows = List.of(accepted(Duration.ofMinutes(3)));
        assertThat(verdict(rows, List.of(), new Records(1, 0, 0, 1, 0), 0).wrong())
                .hasSize(1);
        assertThat(verdict(rows, List.of(), ALL_REPORTED, 2).wrong()).hasSize(1);
    }

    @Test
    void a_run_that_never_threw_a_switch_is_not_good_and_names_it() {
        List<Row> rows = List.of(accepted(Duration.ofMinutes(3)));
        assertThat(verdict(rows, List.of(), List.of("redirect"), ALL_REPORTED, 0)
                        .wrong())
                .singleElement()
                .asString()
                .contains("redirect");
    }

    @Test
    void every_fresh_hour_is_in_time_late_or_excused() {
        List<Row> late = List.of(accepted(Duration.ofMinutes(16)));

        assertThat(verdict(List.of(accepted(Duration.ofMinutes(3))), List.of()).fresh())
                .isEqualTo(new RecordsOutVerdict.FreshHours(1, 1, 0, List.of()));
        assertThat(verdict(late, List.of(outage(Duration.ofMinutes(2), Duration.ofMinutes(12))))
                        .fresh())
                .isEqualTo(new RecordsOutVerdict.FreshHours(1, 0, 1, List.of()));
        assertThat(verdict(late, List.of()).fresh().everyOneInTime()).isFalse();
    }
}
