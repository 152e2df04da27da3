package io.hourledger.aggregator.threshold;

import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An amount that an app wants to be told of before it is used.
 *
 * @param product for each instance of this product; null if {@code instance} names one
 * @param instance for this instance alone; null if {@code product} names a product
 * @param amount in the meter's unit; that of a package is what the package contains
 * @param percents of the amount, ascending; the app is told of each once a period
 * @param stop whether the notice of 100 percent and more asks the app to stop. Usage is counted and billed all the same
 * @param zone whose midnight begins a day or a month
 */
record Threshold(
        String name,
        @Nullable String product,
        @Nullable String instance,
        ThresholdPeriod period,
        BigDecimal amount,
        List<Integer> percents,
        boolean stop,
        ZoneId zone) {

    private static final int WHOLE = 100;

    boolean isFor(String instanceId, String productId) {
        return instanceId.equals(instance) || productId.equals(product);
    }

    ThresholdPeriod.Span span(UsageHour hour) {
        return period.of(hour, zone);
    }

    /** Whether its period has more than one hour. */
    boolean needsSums() {
        return period == ThresholdPeriod.DAY || period == ThresholdPeriod.MONTH;
    }

    /** Which sums of usage it needs: days of two zones are two. */
    String sums() {
        return period.code() + " " + zone.getId();
    }

    /** The percents of a limit above zero that an amount has come to. */
    List<Integer> reachedBy(BigDecimal used, BigDecimal limit) {
        BigDecimal hundredfold = used.multiply(BigDecimal.valueOf(WHOLE));
        return percents.stream()
                .filter(percent -> hundredfold.compareTo(limit.multiply(BigDecimal.valueOf(percent))) >= 0)
                .toList();
    }

    boolean asksToStopAt(int percent) {
        return stop && percent >= WHOLE;
    }
}
