package io.hourledger.aggregator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

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
        long idsOnDisk = LongStream.range(first, first + seeds)
                .map(SimulationTest::simulate)
                .sum();
        assertThat(idsOnDisk).as("ids that memory had no room for").isGreaterThan(seeds);
    }

    private static long simulate(long seed) {
        try {
            World world = new World(seed, new MemoryStores(ScriptedLog.PARTITIONS));
            world.run(STEPS);
            world.settle();
            return world.idsLeftOnDisk();
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError("seed " + seed + ": " + failed.getMessage(), failed);
        }
    }
}
