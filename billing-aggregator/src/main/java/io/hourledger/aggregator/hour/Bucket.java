package io.hourledger.aggregator.hour;

import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;

/**
 * What one instance used in one usage hour, as one meter counts it: by the hour's cutoff or, in a later revision, too late for it.
 *
 * @param revision 0 for what lies before the hour's cutoff
 * @param rawTotal what the meter makes of the events of this revision alone, in their raw units, exact
 * @param events how many they are, and when the first and the last happened, to the microsecond
 * @param sharedEvents how many of them another meter reads, too, whose bucket accounts for them
 */
public record Bucket(
        UsageHour hour,
        int revision,
        String instance,
        String meter,
        BigDecimal rawTotal,
        EventSpan events,
        long sharedEvents,
        Offsets offsets) {

    /** Of the first and of the last of its events in the log. */
    public record Offsets(long first, long last) {}

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
