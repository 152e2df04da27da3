package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a meter makes of some events of one hour.
 *
 * @param raw in the raw units of the events, exact
 * @param at when the last of them happened, to the microsecond; for a meter that takes one event, that one
 * @param fiveMinutes of a percentile, what it takes its value from; null of other meters, and if there is no event
 */
public record HourValue(BigDecimal raw, Instant at, @Nullable FiveMinuteValues fiveMinutes) {

    /** Of a meter that is no percentile. */
    public HourValue(BigDecimal raw, Instant at) {
        this(raw, at, null);
    }

    static HourValue of(Bucket bucket) {
        return new HourValue(
                bucket.rawTotal(), bucket.events().lastEventAt(), bucket.total().fiveMinutes());
    }

    /**
     * What a meter makes of one event alone.
     *
     * @param raw what the meter reads in it
     */
    public static HourValue ofEvent(Meter meter, BigDecimal raw, Instant at) {
        return meter.terms() instanceof MeterTerms.Percentile terms
                ? new HourValue(raw, at, FiveMinuteValues.of(terms, raw, at))
                : new HourValue(raw, at);
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
            case PERCENTILE -> andFiveMinutes(later);
        };
    }

    private HourValue andFiveMinutes(HourValue later) {
        if (fiveMinutes == null || later.fiveMinutes == null) {
            FiveMinuteValues one = fiveMinutes == null ? later.fiveMinutes : fiveMinutes;
            return new HourValue(one == null ? BigDecimal.ZERO : one.raw(), latest(later), one);
        }
        FiveMinuteValues both = fiveMinutes.and(later.fiveMinutes);
        return new HourValue(both.raw(), latest(later), both);
    }

    private Instant latest(HourValue other) {
        return at.isAfter(other.at) ? at : other.at;
    }
}
