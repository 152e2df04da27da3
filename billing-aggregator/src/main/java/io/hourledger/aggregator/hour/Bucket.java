package io.hourledger.aggregator.hour;

import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What one instance used in one usage hour, as one meter counts it: by the hour's cutoff or, in a later revision, too late for it.
 *
 * @param revision 0 for what lies before the hour's cutoff
 * @param total what the meter makes of the events of this revision alone; of a unique count, those of their values that no earlier event of the
 *     hour has
 * @param events how many they are, and when the first and the last happened, to the microsecond
 * @param sharedEvents how many of them another meter reads, too, whose bucket accounts for them
 */
public record Bucket(
        UsageHour hour,
        int revision,
        String instance,
        String meter,
        Total total,
        EventSpan events,
        long sharedEvents,
        Offsets offsets) {

    /**
     * An amount in the raw units of the events, exact.
     *
     * @param timed of a percentile or a time-weighted sum, what the amount is made of; null of other meters, and if there is no event
     */
    public record Total(BigDecimal raw, @Nullable TimedValues timed) {}

    /** Of a meter that needs nothing beside its total. */
    public Bucket(
            UsageHour hour,
            int revision,
            String instance,
            String meter,
            BigDecimal rawTotal,
            EventSpan events,
            long sharedEvents,
            Offsets offsets) {
        this(hour, revision, instance, meter, new Total(rawTotal, null), events, sharedEvents, offsets);
    }

    /** Of the first and of the last of its events in the log. */
    public record Offsets(long first, long last) {}

    public BigDecimal rawTotal() {
        return total.raw;
    }

    /** The same bucket with another total. */
    public Bucket with(Total another) {
        return new Bucket(hour, revision, instance, meter, another, events, sharedEvents, offsets);
    }

    public long firstOffset() {
        return offsets.first;
    }

    public long lastOffset() {
        return offsets.last;
    }

    /** The hour whose cutoff, or that of the next one with a cutoff of its own, ends this bucket. */
    public UsageHour endsWith() {
        return UsageHour.ofNumber(hour.number() + revision);
    }
}
