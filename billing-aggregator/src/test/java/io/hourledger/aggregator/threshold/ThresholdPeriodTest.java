package io.hourledger.aggregator.threshold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.threshold.ThresholdSettings.Limit;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

@Tag("fast")
class ThresholdPeriodTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final ZoneId SHANGHAI = ZoneId.of("Asia/Shanghai");

    private static ThresholdPeriod.Span span(ThresholdPeriod period, String hour, ZoneId zone) {
        return period.of(new UsageHour(Instant.parse(hour)), zone);
    }

    private static ThresholdPeriod.Span from(String from, String to) {
        return new ThresholdPeriod.Span(Instant.parse(from), Instant.parse(to));
    }

    @Test
    void days_and_months_begin_at_midnight_of_the_zone() {
        assertThat(span(ThresholdPeriod.HOUR, "2026-03-01T15:00:00Z", SHANGHAI))
                .isEqualTo(from("2026-03-01T15:00:00Z", "2026-03-01T16:00:00Z"));
        assertThat(span(ThresholdPeriod.DAY, "2026-03-01T15:00:00Z", SHANGHAI))
                .isEqualTo(from("2026-02-28T16:00:00Z", "2026-03-01T16:00:00Z"));
        assertThat(span(ThresholdPeriod.DAY, "2026-03-01T16:00:00Z", SHANGHAI))
                .isEqualTo(from("2026-03-01T16:00:00Z", "2026-03-02T16:00:00Z"));
        assertThat(span(ThresholdPeriod.MONTH, "2026-02-28T16:00:00Z", SHANGHAI))
                .isEqualTo(from("2026-02-28T16:00:00Z", "2026-03-31T16:00:00Z"));
    }

    @Test
    void days_and_months_with_a_change_of_clocks_are_an_hour_shorter_or_longer() {
        assertThat(span(ThresholdPeriod.DAY, "2026-03-29T10:00:00Z", BERLIN))
                .isEqualTo(from("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"));
        assertThat(span(ThresholdPeriod.DAY, "2026-10-25T22:00:00Z", BERLIN))
                .isEqualTo(from("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"));
        assertThat(span(ThresholdPeriod.MONTH, "2026-10-31T22:00:00Z", BERLIN))
                .isEqualTo(from("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"));
        assertThat(span(ThresholdPeriod.MONTH, "2026-10-31T23:00:00Z", BERLIN))
                .isEqualTo(from("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"));
    }

    @Test
    void each_hour_of_a_year_lies_in_one_day_and_one_month_without_a_gap() {
        for (ThresholdPeriod period : List.of(ThresholdPeriod.DAY, ThresholdPeriod.MONTH)) {
            UsageHour hour = new UsageHour(Instant.parse("2026-01-01T00:00:00Z"));
            ThresholdPeriod.Span span = period.of(hour, BERLIN);
            for (int i = 0; i < 365 * 24; i++) {
                ThresholdPeriod.Span next = period.of(hour, BERLIN);
                assertThat(next.contains(hour)).isTrue();
                assertThat(next.equals(span) || next.from().equals(span.to())).isTrue();
                span = next;
                hour = UsageHour.ofNumber(hour.number() + 1);
            }
        }
    }

    @Test
    void a_percentage_is_reached_exactly_and_not_before() {
        Threshold third = limit("a", "p", null, ThresholdPeriod.HOUR, "3", List.of(100, 33, 34), SHANGHAI)
                .threshold("it");

        assertThat(third.percents()).containsExactly(33, 34, 100);
        assertThat(reached(third, "1")).containsExactly(33);
        assertThat(reached(third, "2.999999999999999")).containsExactly(33, 34);
        assertThat(reached(third, "3")).containsExactly(33, 34, 100);
    }

    private static List<Integer> reached(Threshold threshold, String used) {
        return threshold.reachedBy(new BigDecimal(used), threshold.amount());
    }

    private static Limit limit(
            String name,
            @Nullable String product,
            @Nullable String instance,
            @Nullable ThresholdPeriod period,
            @Nullable String amount,
            List<Integer> percents,
            ZoneId zone) {
        return new Limit(
                name, product, instance, period, amount == null ? null : new BigDecimal(amount), percents, false, zone);
    }

    private static void refused(Limit limit, String sentence) {
        assertThatThrownBy(() -> new ThresholdSettings(List.of(limit))).hasMessageContaining(sentence);
    }

    @Test
    void a_threshold_that_cannot_be_meant_stops_the_start() {
        List<Integer> usual = List.of(80, 100);
        refused(limit("A b", "p", null, ThresholdPeriod.DAY, "1", usual, SHANGHAI), "limits[0].name must be");
        refused(
                limit("a", null, null, ThresholdPeriod.DAY, "1", usual, SHANGHAI),
                "must name a product or an instance");
        refused(limit("a", "p", "i", ThresholdPeriod.DAY, "1", usual, SHANGHAI), "and not both");
        refused(limit("a", "p", null, null, "1", usual, SHANGHAI), "needs a period");
        refused(limit("a", "p", null, ThresholdPeriod.DAY, "0", usual, SHANGHAI), "an amount above zero");
        refused(limit("a", "p", null, ThresholdPeriod.DAY, "1", List.of(0), SHANGHAI), "percents must be from 1");
        refused(limit("a", "p", null, ThresholdPeriod.PACKAGE, "1", usual, SHANGHAI), "amount must be left out");
        for (String zone : List.of("Asia/Kolkata", "Australia/Lord_Howe")) {
            refused(
                    limit("a", "p", null, ThresholdPeriod.DAY, "1", usual, ZoneId.of(zone)),
                    "must be whole hours from UTC");
        }
        Limit one = limit("a", "p", null, ThresholdPeriod.DAY, "1", usual, SHANGHAI);
        assertThatThrownBy(() -> new ThresholdSettings(List.of(one, one))).hasMessageContaining("are called a");
    }

    @Test
    void a_threshold_of_a_product_that_no_version_of_the_catalogue_has_stops_the_start() {
        ThresholdSettings known = new ThresholdSettings(
                List.of(limit("a", "web-egress", null, ThresholdPeriod.DAY, "1", List.of(80), SHANGHAI)));
        ThresholdSettings unknown = new ThresholdSettings(
                List.of(limit("a", "web-egres", null, ThresholdPeriod.DAY, "1", List.of(80), SHANGHAI)));

        known.requireProductsOf(Usage.VERSIONS);
        assertThatThrownBy(() -> unknown.requireProductsOf(Usage.VERSIONS))
                .hasMessageContaining("which no version of the catalogue has");
    }

    @Test
    void the_defaults_are_those_of_the_configuration_page() {
        Limit limit = new Binder(new MapConfigurationPropertySource(Map.of(
                        "hourledger.thresholds.limits[0].name", "cap",
                        "hourledger.thresholds.limits[0].product", "web-egress",
                        "hourledger.thresholds.limits[0].period", "month",
                        "hourledger.thresholds.limits[0].amount", "10000")))
                .bind("hourledger.thresholds", ThresholdSettings.class)
                .get()
                .limits()
                .getFirst();

        assertThat(limit.percents()).containsExactly(80, 100);
        assertThat(limit.stop()).isFalse();
        assertThat(limit.zone()).isEqualTo(SHANGHAI);
    }
}
