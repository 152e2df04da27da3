package io.hourledger.aggregator.hour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class RunIndependentlyTest {

    private static final List<Integer> ALL = IntStream.range(0, 20).boxed().toList();

    private final List<Integer> done = new ArrayList<>();

    @Test
    void one_that_fails_in_a_batch_keeps_no_other_from_being_done() {
        IllegalStateException bug = new IllegalStateException("a bug");

        assertThatThrownBy(() -> RunIndependently.halved(ALL, some -> {
                    if (some.contains(7)) {
                        throw bug;
                    }
                    done.addAll(some);
                }))
                .isSameAs(bug);

        assertThat(done).hasSize(19).doesNotContain(7);
    }

    @Test
    void an_outage_ends_the_whole_batch() {
        List<Integer> tried = new ArrayList<>();

        assertThatThrownBy(() -> RunIndependently.halved(ALL, some -> {
                    tried.add(some.size());
                    throw new StoreUnavailableException("away");
                }))
                .isInstanceOf(StoreUnavailableException.class);

        assertThat(tried).containsExactly(20);
    }
}
