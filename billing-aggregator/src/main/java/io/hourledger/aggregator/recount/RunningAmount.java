package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.HourValue;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a meter makes of single events that count in one hour, as they are taken in the order of the log. Belongs to one thread. */
final class RunningAmount {

    private final Meter meter;
    private final UsageHour hour;
    private final RoomForValues room;

    /** Of a unique count, all that came so far. */
    private final Set<BigDecimal> values = new HashSet<>();

    private @Nullable HourValue value;

    RunningAmount(Meter meter, UsageHour hour, RoomForValues room) {
        this.meter = meter;
        this.hour = hour;
        this.room = room;
    }

    /**
     * Takes one event more.
     *
     * @param raw what the meter reads in it
     * @return whether anything has changed by it
     */
    boolean take(BigDecimal raw, Instant at) {
        if (meter.aggregation() == Aggregation.UNIQUE) {
            boolean isNew = values.add(raw.stripTrailingZeros());
            if (isNew) {
                room.takeOne();
            }
            return isNew;
        }
        HourValue event = HourValue.ofEvent(meter, hour, raw, at);
        HourValue now = value == null ? event : value.and(event, meter.aggregation());
        boolean hasChanged = !now.equals(value);
        value = now;
        return hasChanged;
    }

    /** In raw units; zero if nothing was taken. */
    BigDecimal raw() {
        if (meter.aggregation() == Aggregation.UNIQUE) {
            return new BigDecimal(values.size());
        }
        return value == null ? BigDecimal.ZERO : value.raw();
    }
}
