package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Aggregation;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * What a meter makes of some events of one hour.
 *
 * @param raw in the raw units of the events, exact
 * @param at when the last of them happened, to the microsecond; for a meter that does not add, the one that holds
 */
public record HourValue(BigDecimal raw, Instant at) {

    static HourValue of(Bucket bucket) {
        return new HourValue(bucket.rawTotal(), bucket.events().lastEventAt());
    }

    /**
     * What the meter makes of these events and of others that all lie behind them in the log. If it does not add, that is one of the two. Of
     * equal values the first stays.
     */
    public HourValue and(HourValue later, Aggregation aggregation) {
        return switch (aggregation) {
            case COUNT, SUM -> new HourValue(raw.add(later.raw), at.isAfter(later.at) ? at : later.at);
            case MIN -> later.raw.compareTo(raw) < 0 ? later : this;
            case MAX -> later.raw.compareTo(raw) > 0 ? later : this;
            case LATEST -> later.at.isBefore(at) ? this : later;
        };
    }
}
