package io.hourledger.aggregator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code -Dsimulation.seeds=10000} runs more seeds, {@code -Dsimulation.first=4711} begins elsewhere. */
@Tag("simulation")
class SimulationTest {

    private static final int STEPS = 150;

    @Test
    void no_crash_zombie_or_rebalance_loses_or_doubles_anything() {
        long first = Long.getLong("simulation.first", 1);
        long seeds = Long.getLong("simulation.seeds", 2_000);
        AtomicLong late = new AtomicLong();
        long idsOnDisk = LongStream.range(first, first + seeds)
                .map(seed -> simulate(seed, late))
                .sum();
        assertThat(idsOnDisk).as("ids that memory had no room for").isGreaterThan(seeds);
        assertThat(late).as("late usage that counts").hasValueGreaterThan(2 * seeds);
    }

    private static long simulate(long seed, AtomicLong late) {
        try {
            World world = new World(seed, new MemoryStores(ScriptedLog.PARTITIONS));
            world.run(STEPS);
            world.settle();
            late.addAndGet(world.lateUsage());
            return world.idsLeftOnDisk();
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError("seed " + seed + ": " + failed.getMessage(), failed);
        }
    }
}
