package io.hourledger.pusher.marketplace;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The zone is eight hours ahead of UTC, so a day of it ends at 16:00 UTC. */
@Tag("fast")
class DeadlinesTest {

    private static final Deadlines DEADLINES = new Deadlines(
            Duration.ofMinutes(15),
            new Deadlines.Daily(LocalTime.of(1, 0), ZoneId.of("Asia/Shanghai")),
            Duration.ofMinutes(105),
            Duration.ofDays(21),
            Duration.ofDays(18));

    @Test
    void an_hour_billed_hourly_is_collected_after_its_end() {
        assertThat(DEADLINES.collection(hour("2026-11-24T09:00:00Z"), BillingCycle.HOURLY))
                .isEqualTo("2026-11-24T10:15:00Z");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T16:00:00Z, 2026-11-24T17:00:00Z",
        "2026-11-24T15:00:00Z, 2026-11-24T17:00:00Z",
        "2026-11-24T16:00:00Z, 2026-11-25T17:00:00Z"
    })
    void an_hour_billed_daily_is_collected_on_the_day_after_its_own(String hour, String collected) {
        assertThat(DEADLINES.collection(hour(hour), BillingCycle.DAILY)).isEqualTo(collected);
    }

    private static UsageHour hour(String start) {
        return new UsageHour(Instant.parse(start));
    }
}
