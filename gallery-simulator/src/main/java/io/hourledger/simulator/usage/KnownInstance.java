package io.hourledger.simulator.usage;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules need to know of an instance.
 *
 * @param chargingMode as query order names it: ON_DEMAND, ON_DEMAND_PKG, PERIOD, ONE_TIME
 * @param needsPackage whether the buyer holds a stop-when-used-up package, so that records must name one
 * @param releasedAt null while it lives
 */
record KnownInstance(
        String instanceId,
        String buyerId,
        String chargingMode,
        boolean stopWhenUsedUp,
        boolean needsPackage,
        Instant startedAt,
        @Nullable Instant releasedAt,
        List<FrozenSpan> frozen) {

    /** A time in which the instance was frozen; without an end while it still is. */
    record FrozenSpan(Instant from, @Nullable Instant to) {

        boolean overlaps(Instant begin, Instant end) {
            boolean beginsBeforeItsEnd = to == null || begin.isBefore(to);
            boolean endsAfterItsStart = end.isAfter(from);
            return beginsBeforeItsEnd && endsAfterItsStart;
        }
    }

    boolean isPayPerUse() {
        return chargingMode.equals("ON_DEMAND");
    }

    boolean isPackage() {
        return chargingMode.equals("ON_DEMAND_PKG");
    }
}
