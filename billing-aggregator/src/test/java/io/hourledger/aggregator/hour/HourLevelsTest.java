package io.hourledger.aggregator.hour;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the levels that hold in ten o'clock come to. */
@Tag("fast")
class HourLevelsTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UsageHour HOUR = new UsageHour(TEN);
    private static final TimeWeighted FOR_AN_HOUR = new TimeWeighted(Duration.ofHours(1));

    private static HourLevels level(String raw, long second) {
        return levelAt(raw, TEN.plusSeconds(second));
    }

    private static HourLevels levelAt(String raw, Instant at) {
        return HourLevels.of(FOR_AN_HOUR, HOUR, new BigDecimal(raw), at);
    }

    private static BigDecimal hours(String amount) {
        return new BigDecimal(amount);
    }

    @Test
    void a_level_of_one_for_the_whole_hour_is_exactly_one() {
        assertThat(level("1", 0).raw()).isEqualTo(hours("1"));
        assertThat(level("0.000000000001", 0).raw()).isEqualTo(hours("0.000000000001"));
    }

    @Test
    void a_level_holds_until_the_next_one_and_no_longer_than_it_may() {
        assertThat(level("100", -1800).raw()).isEqualTo(hours("50"));
        assertThat(level("100", -3600).raw()).isEqualTo(hours("0"));
        assertThat(level("100", 1800).and(level("10", 2700)).raw()).isEqualTo(hours("27.5"));
        assertThat(level("10", 2700).and(level("100", 1800)).raw()).isEqualTo(hours("27.5"));
        assertThat(level("100", -1800).and(level("0", 900)).raw()).isEqualTo(hours("25"));
    }

    @Test
    void of_the_levels_before_the_hour_the_last_one_alone_is_kept() {
        HourLevels kept = level("7", -3000).and(level("3", -100)).and(level("5", -2000));

        assertThat(kept).isEqualTo(level("3", -100));
        assertThat(kept.size()).isEqualTo(1);
    }

    @Test
    void of_the_levels_in_nine_seconds_the_last_holds_and_of_equal_times_the_later_in_the_log() {
        assertThat(level("1", 8).and(level("2", 3)).raw()).isEqualTo(hours("1"));
        assertThat(level("1", 3).and(level("2", 3)).raw()).isEqualTo(hours("2"));
        assertThat(levelAt("1", TEN.plusNanos(2000))
                        .and(levelAt("2", TEN.plusNanos(1000)))
                        .raw())
                .isEqualTo(hours("1"));
    }

    @Test
    void a_row_keeps_them_as_they_are() {
        HourLevels levels = level("100", -1800).and(level("0.5", 900)).and(levelAt("-3", TEN.plusNanos(12_345_000)));

        assertThat(TimedValuesJson.read(TimedValuesJson.write(levels))).isEqualTo(levels);
    }
}
