package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * What one instance used in one usage hour, as one meter counts it.
 *
 * @param rawTotal in the raw units of the events, exact
 * @param firstEventAt the earliest event time in it, to the microsecond
 * @param lastEventAt the latest event time in it, to the microsecond
 */
public record Bucket(
        UsageHour hour,
        String instance,
        String meter,
        BigDecimal rawTotal,
        long events,
        Instant firstEventAt,
        Instant lastEventAt,
        long firstOffset,
        long lastOffset) {}
