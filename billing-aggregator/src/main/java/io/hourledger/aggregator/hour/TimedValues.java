package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a bucket keeps beside its total, by time, if its amount does not follow from two amounts. It is bounded. */
public sealed interface TimedValues permits FiveMinuteValues, HourLevels {

    /**
     * What a meter keeps of one event.
     *
     * @param hour of the bucket; of a level it may be a later one than that of the event
     * @param raw what the meter reads in the event
     * @return null if it keeps nothing
     */
    static @Nullable TimedValues of(Meter meter, UsageHour hour, BigDecimal raw, Instant at) {
        return switch (meter.terms()) {
            case MeterTerms.Percentile terms -> FiveMinuteValues.of(terms, raw, at);
            case MeterTerms.TimeWeighted terms -> HourLevels.of(terms, hour, raw, at);
            case MeterTerms.None _, MeterTerms.Unique _ -> null;
        };
    }

    /** The amount, in raw units. */
    BigDecimal raw();

    /** How many values it holds. */
    int size();

    /** What these events and others of the same bucket come to, all of which lie behind them in the log. */
    TimedValues and(TimedValues later);
}
