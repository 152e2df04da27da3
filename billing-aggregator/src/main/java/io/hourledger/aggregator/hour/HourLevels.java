package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The levels that hold in one hour, by the step in which each was set: one for each step of the hour at most, and the last one before it. An
 * earlier one holds nowhere in the hour, since that one follows it.
 *
 * @param terms for how long a level holds
 * @param byStep each in raw units, and when it was set; the hour's first step has number 0, those before it are negative
 */
public record HourLevels(TimeWeighted terms, SortedMap<Integer, HourValue> byStep) implements TimedValues {

    /** Of equal levels there is one form, so that levels can be compared. */
    public HourLevels {
        SortedMap<Integer, HourValue> plain = new TreeMap<>();
        byStep.forEach((step, level) -> plain.put(step, new HourValue(HourValue.plain(level.raw()), level.at())));
        SortedMap<Integer, HourValue> before = plain.headMap(0);
        if (before.size() > 1) {
            before.headMap(before.lastKey()).clear();
        }
        byStep = Collections.unmodifiableSortedMap(plain);
    }

    /**
     * Of one level.
     *
     * @param hour in which it may hold: that of its time, or a later one
     */
    public static HourLevels of(TimeWeighted terms, UsageHour hour, BigDecimal raw, Instant at) {
        long step = TimeWeighted.step(at.getEpochSecond()) - hour.number() * TimeWeighted.STEPS_OF_HOUR;
        return new HourLevels(
                terms, new TreeMap<>(Collections.singletonMap(Math.toIntExact(step), new HourValue(raw, at))));
    }

    @Override
    public HourLevels and(TimedValues later) {
        SortedMap<Integer, HourValue> both = new TreeMap<>(byStep);
        ((HourLevels) later)
                .byStep.forEach((step, level) ->
                        both.merge(step, level, (before, more) -> before.and(more, Aggregation.LATEST)));
        return new HourLevels(terms, both);
    }

    @Override
    public BigDecimal raw() {
        return rawWithin(0, TimeWeighted.STEPS_OF_HOUR);
    }

    /**
     * What the levels come to in {@code [from, to)}, which are steps of the hour: each times the hours for which it holds there.
     */
    public BigDecimal rawWithin(int from, int to) {
        BigDecimal sum = BigDecimal.ZERO;
        Iterator<Map.Entry<Integer, HourValue>> rest = byStep.entrySet().iterator();
        Map.Entry<Integer, HourValue> next = rest.hasNext() ? rest.next() : null;
        while (next != null) {
            Map.Entry<Integer, HourValue> level = next;
            next = rest.hasNext() ? rest.next() : null;
            int end = Math.min(to, level.getKey() + terms.stepsHeld());
            if (next != null) {
                end = Math.min(end, next.getKey());
            }
            int steps = end - Math.max(from, level.getKey());
            if (steps > 0) {
                sum = sum.add(level.getValue().raw().multiply(new BigDecimal(steps)));
            }
        }
        return HourValue.plain(sum.multiply(TimeWeighted.HOURS_OF_STEP));
    }

    @Override
    public int size() {
        return byStep.size();
    }
}
