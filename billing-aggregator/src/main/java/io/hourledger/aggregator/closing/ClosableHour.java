package io.hourledger.aggregator.closing;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/**
 * An hour of a partition whose events before the cutoff have all been counted and kept: its buckets change no more.
 *
 * @param recordedAt when its cutoff was recorded, in business time
 * @param cutoff where it ends in the log
 */
public record ClosableHour(int partition, UsageHour hour, Instant recordedAt, long cutoff) {}
