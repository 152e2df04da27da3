package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/**
 * Where an hour ends in a partition's log: an event of this hour counts in its first revision only if it lies before this offset. It also
 * holds for all earlier hours that have no cutoff of their own. Recorded once, never changed.
 *
 * <p>The same offset ends the running revision of every earlier hour that still accepts late usage. So it also says which hours go on to accept:
 * a setting that changes later changes nothing of the past.
 *
 * @param acceptsFrom the first hour whose late usage still counts behind this offset, up to the next cutoff. The hour behind this one if none does
 */
public record Cutoff(UsageHour hour, long offset, Instant recordedAt, UsageHour acceptsFrom) {

    /** One behind which no late usage counts. */
    public Cutoff(UsageHour hour, long offset, Instant recordedAt) {
        this(hour, offset, recordedAt, hour.next());
    }
}
