package io.hourledger.chaos;

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
record PlannedFault(Duration at, KillMode manner, List<StackPart> parts, Duration lasts) {

    PlannedFault {
        parts = List.copyOf(parts);
    }

    /** Such as {@code kill aggregator-1}. */
    String words() {
        return manner.word() + " " + parts.stream().map(StackPart::word).collect(Collectors.joining(" and "));
    }
}
