package io.hourledger.aggregator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code -Dsimulation.seeds=10000} runs more seeds, {@code -Dsimulation.first=4711} begins elsewhere, and {@code -Dsimulation.steps=400} takes
 * more steps in each. {@code -Dsimulation.large=500} runs more large worlds.
 */
@Tag("simulation")
class SimulationTest {

    private static final Logger LOG = LoggerFactory.getLogger(SimulationTest.class);
    private static final int STEPS = Integer.getInteger("simulation.steps", 150);

    private static final int LARGE_WORLDS = Integer.getInteger("simulation.large", 20);
    private static final int STEPS_OF_LARGE = 64 * STEPS;

    private final LongAdder late = new LongAdder();
    private final LongAdder filteredOut = new LongAdder();
    private final LongAdder idsOnDisk = new LongAdder();
    private final LongAdder simulatedMinutes = new LongAdder();

    @Test
    void no_crash_zombie_or_rebalance_loses_or_doubles_anything() {
        long first = Long.getLong("simulation.first", 1);
        long seeds = Long.getLong("simulation.seeds", 2_000);
        long from = System.nanoTime();

        LongStream.range(first, first + seeds).parallel().forEach(seed -> simulate(seed, WorldSize.SMALL, STEPS));

        double minutes = (System.nanoTime() - from) / 6e10;
        long hours = simulatedMinutes.sum() / 60;
        LOG.atInfo()
                .addKeyValue("seeds", seeds)
                .addKeyValue("hours", hours)
                .addKeyValue("minutes", String.format(Locale.ROOT, "%.1f", minutes))
                .addKeyValue("hours-per-minute", Math.round(hours / minutes))
                .log("simulated");
        assertThat(idsOnDisk.sum()).as("ids that memory had no room for").isGreaterThan(seeds);
        assertThat(late.sum()).as("late usage that counts").isGreaterThan(2 * seeds);
        assertThat(filteredOut.sum()).as("events that no filter takes").isGreaterThan(5 * seeds);
    }

    /** Nothing that is per partition or per process may come into the way of another. */
    @Test
    void sixteen_processes_share_sixty_four_partitions() {
        long first = Long.getLong("simulation.first", 1);

        LongStream.range(first, first + LARGE_WORLDS)
                .parallel()
                .forEach(seed -> simulate(seed, WorldSize.LARGE, STEPS_OF_LARGE));

        assertThat(late.sum()).as("late usage that counts").isGreaterThan(LARGE_WORLDS);
    }

    private void simulate(long seed, WorldSize size, int steps) {
        try {
            World world = new World(seed, new MemoryStores(size.partitions()), size);
            world.run(steps);
            world.settle();
            late.add(world.lateUsage());
            filteredOut.add(world.filteredOut());
            idsOnDisk.add(world.idsLeftOnDisk());
            simulatedMinutes.add(world.simulated().toMinutes());
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError("seed " + seed + ": " + failed.getMessage(), failed);
        }
    }
}
