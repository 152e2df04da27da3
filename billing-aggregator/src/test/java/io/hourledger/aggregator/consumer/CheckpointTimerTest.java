package io.hourledger.aggregator.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class CheckpointTimerTest {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private long nanos;
    private final CheckpointTimer timer = new CheckpointTimer(INTERVAL, () -> nanos);

    @Test
    void news_waits_for_the_interval_where_checkpoints_are_quick() {
        checkpointTaking(Duration.ofMillis(20));
        assertThat(waited()).isEqualTo(INTERVAL);
    }

    @Test
    void checkpoints_take_a_tenth_of_the_time_at_most() {
        checkpointTaking(Duration.ofMillis(300));
        assertThat(waited()).isEqualTo(Duration.ofMillis(2_700));
    }

    @Test
    void no_news_waits_longer_than_five_seconds_however_slow_the_database_is() {
        checkpointTaking(Duration.ofMinutes(2));
        assertThat(waited()).isEqualTo(CheckpointTimer.LONGEST_WAIT);
    }

    @Test
    void an_interval_above_five_seconds_holds_as_it_is_set() {
        CheckpointTimer seldom = new CheckpointTimer(Duration.ofSeconds(30), () -> nanos);
        seldom.timed(() -> after(Duration.ofMinutes(2)));
        seldom.isDueWithNews();
        pass(Duration.ofSeconds(30).minusNanos(1));
        assertThat(seldom.isDueWithNews()).isFalse();
        pass(Duration.ofNanos(1));
        assertThat(seldom.isDueWithNews()).isTrue();
    }

    @Test
    void a_checkpoint_that_failed_slowly_is_not_tried_again_sooner() {
        assertThatThrownBy(() -> timer.timed(() -> {
                    pass(Duration.ofMillis(400));
                    throw new IllegalStateException("the database did not answer");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(waited()).isEqualTo(Duration.ofMillis(3_600));
    }

    @Test
    void once_the_database_is_quick_again_the_interval_holds_again() {
        checkpointTaking(Duration.ofMillis(500));
        checkpointTaking(Duration.ofMillis(5));
        assertThat(waited()).isEqualTo(INTERVAL);
    }

    private void checkpointTaking(Duration time) {
        assertThat(timer.timed(() -> after(time))).isEqualTo(Outcome.STORED);
    }

    private Outcome after(Duration time) {
        pass(time);
        return Outcome.STORED;
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    /** How long news that is there now waits for its checkpoint, to 100 ms. */
    private Duration waited() {
        timer.noNews();
        Duration step = Duration.ofMillis(100);
        Duration waited = Duration.ZERO;
        while (!timer.isDueWithNews()) {
            pass(step);
            waited = waited.plus(step);
        }
        return waited;
    }
}
