package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.MeterTerms.Percentile;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The values of the five minutes of one hour that have events, of which a percentile takes one. At most twelve.
 *
 * @param terms which rank is taken, and how the events of five minutes make their value
 * @param byNumber each in raw units, and when the event happened that holds; the first five minutes have number 0
 */
public record FiveMinuteValues(Percentile terms, SortedMap<Integer, HourValue> byNumber) implements TimedValues {

    private static final long SECONDS = Duration.ofMinutes(5).toSeconds();
    private static final long SECONDS_OF_HOUR = UsageHour.LENGTH.toSeconds();

    /** Of equal values there is one form, so that values can be compared. */
    public FiveMinuteValues {
        SortedMap<Integer, HourValue> plain = new TreeMap<>();
        byNumber.forEach((number, value) -> plain.put(number, new HourValue(HourValue.plain(value.raw()), value.at())));
        byNumber = Collections.unmodifiableSortedMap(plain);
    }

    /** Of one event. */
    public static FiveMinuteValues of(Percentile terms, BigDecimal raw, Instant at) {
        int number = (int) (Math.floorMod(at.getEpochSecond(), SECONDS_OF_HOUR) / SECONDS);
        return new FiveMinuteValues(terms, new TreeMap<>(Collections.singletonMap(number, new HourValue(raw, at))));
    }

    @Override
    public FiveMinuteValues and(TimedValues later) {
        SortedMap<Integer, HourValue> both = new TreeMap<>(byNumber);
        ((FiveMinuteValues) later)
                .byNumber.forEach((number, value) ->
                        both.merge(number, value, (before, more) -> before.and(more, terms.fiveMinutes())));
        return new FiveMinuteValues(terms, both);
    }

    /** The value of the nearest rank. */
    @Override
    public BigDecimal raw() {
        List<BigDecimal> ascending =
                byNumber.values().stream().map(HourValue::raw).sorted().toList();
        return ascending.get(terms.rankAmong(ascending.size()) - 1);
    }

    /** The number of the five minutes that have this value; of equal values the earliest. */
    public int holding() {
        BigDecimal raw = raw();
        return byNumber.entrySet().stream()
                .filter(one -> one.getValue().raw().compareTo(raw) == 0)
                .mapToInt(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public int size() {
        return byNumber.size();
    }
}
