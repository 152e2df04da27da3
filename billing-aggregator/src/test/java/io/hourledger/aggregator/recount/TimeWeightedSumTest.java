package io.hourledger.aggregator.recount;

import static io.hourledger.aggregator.Usage.amended;
import static io.hourledger.aggregator.Usage.reading;
import static io.hourledger.aggregator.Usage.voided;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Life.Stretch;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Levels that hold for two hours at most, from the log to the bill and back. */
@Tag("servers")
class TimeWeightedSumTest extends BilledHourRig {

    private static final InstanceId INSTANCE = new InstanceId("i-1");

    private static Instant at(int minute) {
        return TEN.plusSeconds(60L * minute);
    }

    private static UsageHour hour(int behindTen) {
        return UsageHour.ofNumber(HOUR_TEN.number() + behindTen);
    }

    private void level(String id, int minute, String gigabytes) {
        read(Usage.DISK_HOURS, id, 60 * minute, gigabytes);
    }

    private void assertProven(int behindTen, int revisions) {
        HourComparison verified = verified(recount(), hour(behindTen), revisions(hour(behindTen)));
        assertThat(verified.differences()).isEmpty();
        assertThat(verified.equal()).isEqualTo(revisions);
        assertThat(verified.notEntered()).isZero();
    }

    @Test
    void a_level_holds_into_hours_without_events_and_a_late_one_revises_each_hour_that_it_reaches() {
        stack.open(Usage.DISK_TIME, "i-1");
        Aggregator first = stack.start("hourledger.aggregator.hours-in-memory=1");
        level("e-1", 30, "100");
        level("e-1", 30, "100");
        closeThrough(0);
        stack.stop(first);
        stack.start("hourledger.aggregator.hours-in-memory=1");
        closeThrough(1);
        closeThrough(2);
        closeThrough(3);
        level("e-2", 45, "40");
        level("e-2", 45, "40");
        closeThrough(4);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 50", "4: -15"));
        soon().untilAsserted(() -> assertThat(amounts(hour(1))).containsExactly("0: 100", "3: -60"));
        soon().untilAsserted(() -> assertThat(amounts(hour(2))).containsExactly("0: 50", "2: -20"));
        assertThat(amounts(hour(3))).isEmpty();
        assertThat(revisions(hour(2)).stream().map(this::trace))
                .containsExactly(List.of("e-1", "e-1 again"), List.of("e-2", "e-2 again"));
        assertProven(0, 2);
        assertProven(1, 2);
        assertProven(2, 2);
    }

    @Test
    void an_amended_level_changes_each_hour_in_which_it_holds() {
        stack.open(Usage.DISK_TIME, "i-1");
        stack.start();
        level("e-1", 0, "100");
        sendEvent(amended("i-1", "a-1", TEN, reading(Usage.DISK_HOURS, "i-1", "e-1", TEN, "50")));
        closeThrough(0);
        closeThrough(1);
        sendEvent(voided("i-1", "a-2", TEN, "e-1", Usage.DISK_HOURS.eventType()));
        closeThrough(2);

        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 50", "2: -50"));
        soon().untilAsserted(() -> assertThat(amounts(hour(1))).containsExactly("0: 50", "1: -50"));
        assertProven(0, 2);
        assertProven(1, 2);
    }

    @Test
    void what_a_level_comes_to_in_a_part_of_the_life_is_billed_and_the_rest_is_withheld() {
        stack.open(Usage.DISK_TIME, "i-1");
        stack.startWithAutomations();
        stack.ledger().handle(new FreezeInstance(INSTANCE, at(15)));
        stack.ledger().handle(new UnfreezeInstance(INSTANCE, at(45)));
        stack.ledger().handle(new ReleaseInstance(INSTANCE, null, at(75)));
        level("e-1", 0, "100");
        closeThrough(0);
        closeThrough(1);

        soon().untilAsserted(() -> assertThat(bill())
                .containsExactly(
                        "0: 10:00:00Z to 10:15:00Z 25",
                        "0: 10:45:00Z to 11:00:00Z 25",
                        "0: 11:00:00Z to 11:15:00Z 25"));
        assertThat(amounts()).containsExactly("0: 100");
        assertThat(amounts(hour(1))).containsExactly("0: 100");
        assertThat(recount()
                        .split(new SplitHour(
                                revisions(hour(1)).getFirst(), List.of(new Stretch(hour(1).start(), at(75))))))
                .isEqualTo(new Recount.Counted<>(List.of(
                        new RecountedPart(hour(1).start(), at(75), new BigDecimal("25")),
                        new RecountedPart(at(75), hour(1).end(), new BigDecimal("75")))));
    }
}
