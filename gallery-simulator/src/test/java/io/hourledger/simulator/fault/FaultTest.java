package io.hourledger.simulator.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.simulator.fault.Fault.Parameters;
import io.hourledger.simulator.fault.Fault.Target;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which calls a fault hits. */
@Tag("fast")
class FaultTest {

    private static Fault fault(double probability, long seed) {
        return new Fault(
                1,
                Misbehaviour.TIMEOUT_AFTER_STORING,
                Target.USAGE,
                new Fault.Chance(probability, seed),
                10,
                Parameters.DEFAULT,
                new Fault.Hits(0, 0),
                true);
    }

    private static List<Long> hits(Fault fault, long calls) {
        return LongStream.range(0, calls).filter(fault::hits).boxed().toList();
    }

    @Test
    void the_same_seed_hits_the_same_calls_and_another_seed_others() {
        assertThat(hits(fault(0.1, 7), 1000)).isEqualTo(hits(fault(0.1, 7), 1000));
        assertThat(hits(fault(0.1, 7), 1000)).isNotEqualTo(hits(fault(0.1, 8), 1000));
    }

    @Test
    void about_the_wanted_share_is_hit() {
        assertThat(hits(fault(0.1, 42), 10_000)).hasSizeBetween(850, 1150);
        assertThat(hits(fault(1, 42), 100)).hasSize(100);
        assertThat(hits(fault(0, 42), 100)).isEmpty();
    }

    @Test
    void a_misbehaviour_is_named_in_lower_case_with_hyphens() {
        for (Misbehaviour kind : Misbehaviour.values()) {
            assertThat(Misbehaviour.ofWord(kind.word())).isEqualTo(kind);
        }
        assertThat(Misbehaviour.TIMEOUT_AFTER_STORING.word()).isEqualTo("timeout-after-storing");
    }
}
