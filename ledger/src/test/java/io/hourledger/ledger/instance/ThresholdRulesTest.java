package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.addPackage;
import static io.hourledger.ledger.instance.Given.open;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.NoticeThresholdReached;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.ThresholdRef;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ThresholdRulesTest {

    private static final Instant NINE = Instant.parse("2026-03-01T09:00:00Z");

    private final InstanceDecider decider = new InstanceDecider(SellerPolicy.CAUTIOUS);
    private @Nullable InstanceState state;

    private Decision when(InstanceCommand command) {
        Decision decision = decider.decide(state, command);
        if (decision instanceof Decision.Done done) {
            for (InstanceEvent event : done.events()) {
                state = InstanceState.after(state, event);
            }
        }
        return decision;
    }

    private static NoticeThresholdReached reached(String threshold, int hour, int percent) {
        Instant from = NINE.plus(Duration.ofHours(hour));
        return new NoticeThresholdReached(
                new InstanceId("i"),
                new ThresholdRef(threshold, "hour", from, from.plus(Duration.ofHours(1))),
                percent,
                BigDecimal.TEN,
                new BigDecimal("8"),
                false,
                from);
    }

    @Test
    void each_percentage_is_noticed_once_a_period() {
        when(open("i"));

        assertThat(when(reached("cap", 0, 80))).isInstanceOf(Decision.Done.class);
        assertThat(when(reached("cap", 0, 80))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(when(reached("cap", 0, 100))).isInstanceOf(Decision.Done.class);
        assertThat(when(reached("cap", 0, 80))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(when(reached("other", 0, 80))).isInstanceOf(Decision.Done.class);
        assertThat(when(reached("cap", 1, 80))).isInstanceOf(Decision.Done.class);
        assertThat(when(reached("cap", 0, 100))).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void usage_that_goes_back_and_comes_again_is_not_noticed_twice() {
        when(open("i"));
        when(reached("cap", 0, 80));
        when(reached("cap", 0, 100));

        // the next hour is noticed before the last events of this one were counted
        assertThat(when(reached("cap", 2, 80))).isInstanceOf(Decision.Done.class);
        assertThat(when(reached("cap", 1, 80))).isInstanceOf(Decision.Done.class);
        assertThat(when(reached("cap", 0, 100))).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void each_package_has_its_own_notices() {
        when(open("i"));
        when(addPackage("i", "p-1", "10"));
        when(addPackage("i", "p-2", "10"));

        assertThat(when(reachedOf("p-1", 80))).isInstanceOf(Decision.Done.class);
        assertThat(when(reachedOf("p-2", 80))).isInstanceOf(Decision.Done.class);
        assertThat(when(reachedOf("p-1", 80))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(when(reachedOf("p-1", 100))).isInstanceOf(Decision.Done.class);
    }

    /** Where the newest is drawn first, the one opened first is used up last. */
    @Test
    void the_package_opened_first_is_noticed_though_many_newer_ones_were() {
        when(open("i"));
        for (int i = 0; i < 30; i++) {
            when(addPackage("i", "p-" + i, "10", NINE.plusSeconds(i)));
        }
        for (int i = 29; i >= 0; i--) {
            assertThat(when(reachedOf("p-" + i, NINE.plusSeconds(i), 100))).isInstanceOf(Decision.Done.class);
        }
        for (int i = 29; i >= 0; i--) {
            assertThat(when(reachedOf("p-" + i, NINE.plusSeconds(i), 100))).isInstanceOf(Decision.AlreadyDone.class);
        }
    }

    @Test
    void nobody_is_told_of_a_package_that_the_instance_does_not_remember() {
        when(open("i"));
        assertThat(when(reachedOf("p-1", 80))).isInstanceOf(Decision.AlreadyDone.class);
    }

    private static NoticeThresholdReached reachedOf(String packageId, int percent) {
        return reachedOf(packageId, NINE, percent);
    }

    private static NoticeThresholdReached reachedOf(String packageId, Instant openedAt, int percent) {
        return new NoticeThresholdReached(
                new InstanceId("i"),
                new ThresholdRef("packages", "package", openedAt, null, packageId),
                percent,
                BigDecimal.TEN,
                new BigDecimal("8"),
                false,
                NINE);
    }

    @Test
    void nobody_is_told_of_a_period_that_is_older_than_those_remembered() {
        when(open("i"));
        for (int hour = 1; hour <= ReachedThresholds.PERIODS_STORED + 1; hour++) {
            when(reached("cap", hour, 80));
        }

        assertThat(when(reached("cap", 0, 100))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(when(reached("cap", 1, 100))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(when(reached("cap", 2, 100))).isInstanceOf(Decision.Done.class);
    }

    @Test
    void a_threshold_moves_no_amount() {
        when(open("i"));
        Totals before = Objects.requireNonNull(state).totals();

        when(reached("cap", 0, 100));

        assertThat(Objects.requireNonNull(state).totals()).isEqualTo(before);
    }

    @Test
    void the_memory_of_thresholds_is_bounded() {
        when(open("i"));
        for (int i = 0; i < ReachedThresholds.STORED + 10; i++) {
            when(reached("cap-" + i, 0, 80));
        }

        assertThat(Objects.requireNonNull(state).thresholds().latest()).hasSize(ReachedThresholds.STORED);
    }
}
