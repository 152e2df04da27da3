package io.hourledger.aggregator.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ReloadBackoffTest {

    private static final TopicPartition PARTITION = new TopicPartition("usage-events", 0);

    private final ReloadBackoff backoff = new ReloadBackoff(Duration.ofMillis(500));

    @Test
    void a_store_that_is_away_is_asked_again_at_the_usual_pace() {
        for (int i = 0; i < 20; i++) {
            backoff.reloading(PARTITION, "a test");
        }

        assertThat(backoff.pauseNanos()).isEqualTo(Duration.ofMillis(500).toNanos());
        assertThat(backoff.areReloadsMany()).isTrue();
        assertThat(backoff.areBugsTooMany()).isFalse();
    }

    @Test
    void each_failure_doubles_the_pause_up_to_a_minute() {
        backoff.failed();
        assertThat(backoff.pauseNanos()).isEqualTo(Duration.ofSeconds(1).toNanos());
        backoff.failed();
        assertThat(backoff.pauseNanos()).isEqualTo(Duration.ofSeconds(2).toNanos());
        for (int i = 0; i < 7; i++) {
            backoff.failed();
        }
        assertThat(backoff.pauseNanos()).isEqualTo(Duration.ofMinutes(1).toNanos());
        assertThat(backoff.areBugsTooMany()).isFalse();

        backoff.failed();

        assertThat(backoff.areBugsTooMany()).isTrue();
    }

    @Test
    void progress_forgets_all_failures_and_is_told_only_after_some() {
        assertThat(backoff.progressed()).isFalse();
        backoff.failed();
        backoff.reloading(PARTITION, "a test");

        assertThat(backoff.progressed()).isTrue();
        assertThat(backoff.progressed()).isFalse();
        assertThat(backoff.bugs()).isZero();
        assertThat(backoff.reloads()).isZero();
    }
}
