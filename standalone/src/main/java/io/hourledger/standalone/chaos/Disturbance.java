package io.hourledger.standalone.chaos;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One entry of a schedule.
 *
 * @param at elapsed time since the load began
 * @param parts all of them at the same moment
 * @param lasts how long they stay down, or frozen
 */
record Disturbance(Duration at, Manner manner, List<Part> parts, Duration lasts) {

    Disturbance {
        parts = List.copyOf(parts);
    }

    /** Such as {@code kill aggregator-1}. */
    String words() {
        return manner.word() + " " + parts.stream().map(Part::word).collect(Collectors.joining(" and "));
    }
}
