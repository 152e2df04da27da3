package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/**
 * Where an hour ends in a partition's log: an event of this hour counts in its first record only if it lies before this offset. It also
 * holds for all earlier hours that have no cutoff of their own. Recorded once, never changed.
 */
public record Cutoff(UsageHour hour, long offset, Instant recordedAt) {}
