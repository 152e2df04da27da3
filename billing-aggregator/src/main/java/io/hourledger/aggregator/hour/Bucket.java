package io.hourledger.aggregator.hour;

import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;

/**
 * What one instance used in one usage hour, as one meter counts it.
 *
 * @param rawTotal in the raw units of the events, exact
 * @param events how many they are, and when the first and the last happened, to the microsecond
 */
public record Bucket(
        UsageHour hour,
        String instance,
        String meter,
        BigDecimal rawTotal,
        EventSpan events,
        long firstOffset,
        long lastOffset) {}
