package io.hourledger.aggregator.recount;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Counts each value in the first billable part that has it, or in the first part of all if no billable one does. */
final class UniqueParts implements HourParts {

    private final boolean[] billable;
    private final RoomForValues room;
    private final Map<BigDecimal, Integer> partOfValue = new HashMap<>();

    /**
     * @param billable for each part
     */
    UniqueParts(boolean[] billable, RoomForValues room) {
        this.billable = billable.clone();
        this.room = room;
    }

    @Override
    public void take(int part, BigDecimal raw, Instant at) {
        int before = partOfValue.size();
        partOfValue.merge(raw.stripTrailingZeros(), part, this::preferred);
        if (partOfValue.size() > before) {
            room.takeOne();
        }
    }

    private int preferred(int one, int other) {
        if (billable[one] == billable[other]) {
            return Math.min(one, other);
        }
        return billable[one] ? one : other;
    }

    @Override
    public BigDecimal[] raw() {
        BigDecimal[] raw = new BigDecimal[billable.length];
        Arrays.fill(raw, BigDecimal.ZERO);
        partOfValue.values().forEach(part -> raw[part] = raw[part].add(BigDecimal.ONE));
        return raw;
    }
}
