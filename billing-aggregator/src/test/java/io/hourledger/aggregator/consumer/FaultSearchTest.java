package io.hourledger.aggregator.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class FaultSearchTest {

    private final FaultSearch search = new FaultSearch();

    @Test
    void one_bad_record_among_a_thousand_is_found_in_ten_refusals() {
        long bad = 613;
        int refusals = 0;
        long from = 0;
        List<Long> ends = new ArrayList<>();
        while (true) {
            long next = from;
            while (next < 1000 && (next == from || !search.isCheckpointFull())) {
                search.applied(next++);
            }
            if (from <= bad && bad < next) {
                refusals++;
                if (search.isFound()) {
                    break;
                }
                search.narrow(next);
                search.loaded(from);
            } else {
                search.stored(next);
                from = next;
                ends.add(next);
            }
        }

        assertThat(search.found(bad + 1)).isEqualTo("record 613");
        assertThat(search.storedOffset()).isEqualTo(bad);
        assertThat(refusals).isLessThanOrEqualTo(11);
        assertThat(ends).isNotEmpty().allSatisfy(end -> assertThat(end).isLessThanOrEqualTo(bad));
    }

    @Test
    void behind_the_refused_checkpoint_the_next_ones_are_long_again() {
        search.applied(0);
        search.applied(1);
        search.narrow(2);
        search.loaded(0);
        search.applied(0);
        assertThat(search.isCheckpointFull()).isTrue();

        search.stored(1);
        search.applied(1);
        assertThat(search.isCheckpointFull())
                .as("still before the end of what was refused")
                .isTrue();
        search.stored(2);
        search.applied(2);

        assertThat(search.isCheckpointFull()).isFalse();
    }

    @Test
    void a_checkpoint_without_records_is_named_by_its_offset() {
        search.loaded(7);

        assertThat(search.isFound()).isTrue();
        assertThat(search.found(7)).isEqualTo("the checkpoint at offset 7");
    }
}
