package io.hourledger.aggregator.simulation;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How much there is of a world.
 *
 * @param processes of the group, each of which may own any partition
 * @param instances that have usage; nobody ever opens the last one for good
 */
record WorldSize(int partitions, int processes, List<String> instances) {

    /** So small that everything meets everything. */
    static final WorldSize SMALL = new WorldSize(2, 3, instances(5));

    /** As a large seller runs it. */
    static final WorldSize LARGE = new WorldSize(64, 16, instances(200));

    private static List<String> instances(int opened) {
        return Stream.concat(IntStream.range(0, opened).mapToObj(number -> "i-" + number), Stream.of("refused"))
                .toList();
    }
}
