package io.hourledger.aggregator.threshold;

import io.hourledger.contracts.usage.CatalogueVersions;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneRules;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.thresholds.*}.
 *
 * @param limits the thresholds; none for no notices of amounts
 */
@ConfigurationProperties("hourledger.thresholds")
public record ThresholdSettings(@DefaultValue List<Limit> limits) {

    /** An instance remembers so many. */
    static final int MOST = 32;

    private static final int HIGHEST_PERCENT = 1000;
    private static final int SECONDS_OF_AN_HOUR = 3600;

    /** Zones are judged by their rules of this moment and later. */
    private static final Instant RULES_OF = Instant.parse("2026-01-01T00:00:00Z");

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    public ThresholdSettings {
        limits = List.copyOf(limits);
        if (limits.size() > MOST) {
            throw new IllegalArgumentException(
                    "hourledger.thresholds.limits has " + limits.size() + " thresholds, and may have " + MOST);
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < limits.size(); i++) {
            Threshold threshold = limits.get(i).threshold("hourledger.thresholds.limits[" + i + "]");
            if (!names.add(threshold.name())) {
                throw new IllegalArgumentException(
                        "two of hourledger.thresholds.limits are called " + threshold.name());
            }
        }
    }

    /**
     * A threshold.
     *
     * @param name stands in notices; what was reached is remembered under it
     * @param product for each instance of this product
     * @param instance for this instance alone
     * @param period hour, day, month or package
     * @param amount in the meter's unit; none of a package, which has its own
     * @param percents of the amount
     * @param stop whether the notice of 100 percent and more asks the app to stop
     * @param zone whose midnight begins a day or a month; one that is whole hours from UTC
     */
    public record Limit(
            @Nullable String name,
            @Nullable String product,
            @Nullable String instance,
            @Nullable ThresholdPeriod period,
            @Nullable BigDecimal amount,
            @DefaultValue({"80", "100"}) List<Integer> percents,
            @DefaultValue("false") boolean stop,
            @DefaultValue("Asia/Shanghai") ZoneId zone) {

        /**
         * @param setting what it is called in a sentence
         * @throws IllegalArgumentException with a sentence for a person
         */
        Threshold threshold(String setting) {
            if (name == null || !NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        setting + ".name must be lower-case letters, digits and dashes, 40 at most");
            }
            if ((product == null) == (instance == null)) {
                throw new IllegalArgumentException(setting + " must name a product or an instance, and not both");
            }
            if (period == null) {
                throw new IllegalArgumentException(setting + " needs a period: hour, day, month or package");
            }
            if (period == ThresholdPeriod.PACKAGE && amount != null) {
                throw new IllegalArgumentException(
                        setting + ".amount must be left out: the amount of a package is what it contains");
            }
            if (period != ThresholdPeriod.PACKAGE && (amount == null || amount.signum() <= 0)) {
                throw new IllegalArgumentException(setting + " needs an amount above zero");
            }
            List<Integer> sorted = percents.stream().sorted().distinct().toList();
            if (sorted.isEmpty() || sorted.getFirst() < 1 || sorted.getLast() > HIGHEST_PERCENT) {
                throw new IllegalArgumentException(setting + ".percents must be from 1 to " + HIGHEST_PERCENT);
            }
            if (!isWholeHoursFromUtc(zone)) {
                throw new IllegalArgumentException(setting + ".zone is " + zone
                        + ", whose days do not begin with a usage hour; it must be whole hours from UTC");
            }
            return new Threshold(
                    name, product, instance, period, amount == null ? BigDecimal.ZERO : amount, sorted, stop, zone);
        }

        /** Now, and in summer and winter. */
        private static boolean isWholeHoursFromUtc(ZoneId zone) {
            ZoneRules rules = zone.getRules();
            return Stream.concat(
                            Stream.of(rules.getOffset(RULES_OF)),
                            rules.getTransitionRules().stream()
                                    .flatMap(rule -> Stream.of(rule.getOffsetBefore(), rule.getOffsetAfter())))
                    .allMatch(offset -> offset.getTotalSeconds() % SECONDS_OF_AN_HOUR == 0);
        }
    }

    /**
     * Refuses a threshold that no instance can ever have.
     *
     * @throws IllegalArgumentException with a sentence for a person
     */
    public void requireProductsOf(CatalogueVersions versions) {
        for (Limit limit : limits) {
            String product = limit.product();
            if (product != null
                    && versions.all().stream()
                            .noneMatch(catalogue -> catalogue.product(product).isPresent())) {
                throw new IllegalArgumentException("the threshold " + limit.name() + " of hourledger.thresholds is for"
                        + " the product " + product + ", which no version of the catalogue has");
            }
        }
    }

    public ThresholdList thresholds() {
        return new ThresholdList(IntStream.range(0, limits.size())
                .mapToObj(i -> limits.get(i).threshold("hourledger.thresholds.limits[" + i + "]"))
                .toList());
    }
}
