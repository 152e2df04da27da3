package io.hourledger.aggregator.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.consumer.PartitionStatus.Held;
import io.hourledger.aggregator.consumer.PartitionStatus.Progress;
import io.hourledger.aggregator.consumer.PartitionStatus.State;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.Tallies;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two threads of one process own one partition one after the other, and the first hears of it late. */
@Tag("fast")
class PartitionBoardTest {

    private final PartitionBoard board = new PartitionBoard();
    private final PartitionOwnership late = board.given(3);
    private final PartitionOwnership current = board.given(3);

    private static PartitionStatus status(State state, long nextOffset) {
        return new PartitionStatus(
                3, state, new Progress(nextOffset, 0), Tallies.NONE, Held.NOTHING, Long.MIN_VALUE, null);
    }

    @Test
    void a_late_thread_neither_says_how_it_stands_nor_takes_it_away() {
        board.stands(current, status(State.COUNTING, 7));

        board.stands(late, status(State.LOADING, 0));
        board.released(late);

        assertThat(board.ownerships()).containsExactly(current);
        assertThat(board.of(3)).contains(status(State.COUNTING, 7));
    }

    @Test
    void what_its_owner_hands_back_is_gone() {
        board.stands(current, status(State.COUNTING, 7));

        board.released(current);

        assertThat(board.ownerships()).isEmpty();
        assertThat(board.all()).isEmpty();
    }
}
