package io.hourledger.aggregator.hour;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.hour.Checkpoint.Advance;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class CheckpointTest {

    @Test
    void one_that_learns_the_leader_of_its_log_keeps_its_late_events() {
        Advance advance = new Advance(1, 0, 10);
        Checkpoint counted = new Checkpoint(
                0,
                advance,
                Tallies.NONE,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                new Checkpoint.Corrections(3, List.of()));

        Checkpoint stored = counted.readIn(7);

        assertThat(stored.leaderEpoch()).isEqualTo(7);
        assertThat(stored.lateEvents()).isEqualTo(3);
    }
}
