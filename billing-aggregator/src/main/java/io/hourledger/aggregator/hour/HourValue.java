package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a meter makes of some events of one hour.
 *
 * @param raw in the raw units of the events, exact
 * @param at when the last of them happened, to the microsecond; for a meter that takes one event, that one
 * @param timed of a percentile or a time-weighted sum, what its value is made of; null of other meters, and if there is no event
 */
public record HourValue(BigDecimal raw, Instant at, @Nullable TimedValues timed) {

    /** Of a meter that needs nothing beside its value. */
    public HourValue(BigDecimal raw, Instant at) {
        this(raw, at, null);
    }

    static HourValue of(Bucket bucket) {
        return new HourValue(
                bucket.rawTotal(), bucket.events().lastEventAt(), bucket.total().timed());
    }

    /**
     * What a meter makes of one event alone.
     *
     * @param hour that the value is of; of a level it may be a later one than that of the event
     * @param raw what the meter reads in it
     */
    public static HourValue ofEvent(Meter meter, UsageHour hour, BigDecimal raw, Instant at) {
        TimedValues timed = TimedValues.of(meter, hour, raw, at);
        return timed == null ? new HourValue(raw, at) : new HourValue(timed.raw(), at, timed);
    }

    /**
     * What the meter makes of these events and of others that all lie behind them in the log. Of a unique count the others are those whose
     * values come there for the first time. Of equal values the first stays.
     */
    public HourValue and(HourValue later, Aggregation aggregation) {
        return switch (aggregation) {
            case COUNT, SUM, UNIQUE -> new HourValue(raw.add(later.raw), latest(later));
            case MIN -> later.raw.compareTo(raw) < 0 ? later : this;
            case MAX -> later.raw.compareTo(raw) > 0 ? later : this;
            case LATEST -> later.at.isBefore(at) ? this : later;
            case PERCENTILE, TIME_WEIGHTED_SUM -> andTimed(later);
        };
    }

    private HourValue andTimed(HourValue later) {
        if (timed == null || later.timed == null) {
            TimedValues one = timed == null ? later.timed : timed;
            return new HourValue(one == null ? BigDecimal.ZERO : one.raw(), latest(later), one);
        }
        TimedValues both = timed.and(later.timed);
        return new HourValue(both.raw(), latest(later), both);
    }

    /** Without zeros at its end. */
    static BigDecimal plain(BigDecimal raw) {
        BigDecimal stripped = raw.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    private Instant latest(HourValue other) {
        return at.isAfter(other.at) ? at : other.at;
    }
}
