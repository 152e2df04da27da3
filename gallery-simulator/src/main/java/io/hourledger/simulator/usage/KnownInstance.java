package io.hourledger.simulator.usage;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules need to know of an instance.
 *
 * @param chargingMode as query order names it: ON_DEMAND, ON_DEMAND_PKG, PERIOD, ONE_TIME
 * @param releasedAt null while it lives
 * @param stopsWhenUsedUp what is known of a stop-when-used-up package; null for all others
 */
record KnownInstance(
        String instanceId,
        String buyerId,
        String productId,
        String chargingMode,
        Instant startedAt,
        @Nullable Instant releasedAt,
        List<FrozenSpan> frozen,
        @Nullable Bundle stopsWhenUsedUp) {

    /**
     * A stop-when-used-up package.
     *
     * @param packageFor the pay-per-use products that it covers; empty = all of the buyer
     * @param answeredAt when the seller had opened it: usage from then on must name it
     * @param contained what it contains; null if the order does not say
     * @param collected what accepted records took of it so far
     */
    record Bundle(List<String> packageFor, Instant answeredAt, @Nullable BigDecimal contained, BigDecimal collected) {

        boolean covers(String productId) {
            return packageFor.isEmpty() || packageFor.contains(productId);
        }

        /** Whether it holds that much more than was collected by now. */
        boolean holds(BigDecimal collectedNow, BigDecimal more) {
            return contained == null || collectedNow.add(more).compareTo(contained) <= 0;
        }

        boolean isUsedUp(BigDecimal collectedNow) {
            return contained != null && collectedNow.compareTo(contained) >= 0;
        }
    }

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

    boolean isFrozenIn(Instant begin, Instant end) {
        return frozen.stream().anyMatch(span -> span.overlaps(begin, end));
    }
}
