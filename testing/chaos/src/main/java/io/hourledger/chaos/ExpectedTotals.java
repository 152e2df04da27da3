package io.hourledger.chaos;

import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** What the load got acknowledged, each id once: what counts, and what no filter takes. */
final class ExpectedTotals {

    private static final long SECONDS_OF_STEP = 9;
    private static final BigDecimal HOURS_OF_STEP = new BigDecimal("0.0025");

    private final LoadEvents events;
    private final List<LoadInstance> instances;

    /** Which regions count is known when the second version of the catalogue is. */
    private final Map<Place, Total> totals = new HashMap<>();

    /** For each instance with levels, in which nine seconds since 1970 one holds. */
    private final Map<Integer, TreeSet<Long>> covered = new HashMap<>();

    /** How many levels of an earlier hour an instance's hour counts, too: there they add time, and no event of its own. */
    private final Map<Reached, Long> reached = new HashMap<>();

    private final BitSet acknowledged = new BitSet();
    private long[] times = new long[1 << 16];
    private long highest = -1;

    ExpectedTotals(LoadEvents events, List<LoadInstance> instances) {
        this.events = events;
        this.instances = List.copyOf(instances);
    }

    /** Takes an acknowledgement; one of an id that was acknowledged before changes nothing. */
    synchronized void acknowledge(long number, Instant time) {
        int index = Math.toIntExact(number);
        if (acknowledged.get(index)) {
            return;
        }
        acknowledged.set(index);
        if (index >= times.length) {
            times = Arrays.copyOf(times, Math.max(2 * times.length, index + 1));
        }
        times[index] = time.toEpochMilli();
        highest = Math.max(highest, number);
        UsageHour hour = LoadEvents.hourOf(time);
        Place place = new Place(hour, events.instanceOf(number), events.regionOf(number));
        totals.computeIfAbsent(place, any -> new Total(events.meterOf(number))).add(number, time);
        if (events.meterOf(number) == LoadMeter.LEVELS) {
            long first = time.getEpochSecond() / SECONDS_OF_STEP;
            long held = ChaosCatalogue.LEVEL_HOLDS_FOR.toSeconds() / SECONDS_OF_STEP;
            TreeSet<Long> steps = covered.computeIfAbsent(place.instance, any -> new TreeSet<>());
            LongStream.range(first, first + held).forEach(steps::add);
            UsageHour last = LoadEvents.hourOf(Instant.ofEpochSecond((first + held - 1) * SECONDS_OF_STEP));
            if (!last.equals(hour)) {
                reached.merge(new Reached(last, place.instance), 1L, Long::sum);
            }
        }
    }

    private record Reached(UsageHour hour, int instance) {}

    /** What counts or does not count as one. */
    private record Place(UsageHour hour, int instance, Region region) {}

    /** What the events of one place come to, by the plain words of its meter's definition. */
    private final class Total {
        private static final int FIVE_MINUTES_OF_HOUR = 12;

        private final LoadMeter meter;
        private final BitSet accounts = new BitSet();
        private final long[] fiveMinutes = new long[FIVE_MINUTES_OF_HOUR];
        private long sum;
        private long count;

        Total(LoadMeter meter) {
            this.meter = meter;
        }

        void add(long number, Instant time) {
            long amount = events.amountOf(number);
            sum += amount;
            count++;
            accounts.set(events.accountOf(number));
            fiveMinutes[time.atOffset(ZoneOffset.UTC).getMinute() / 5] += amount;
        }

        long amount() {
            return switch (meter) {
                case VOLUME, CALLS, HITS -> sum;
                case ACCOUNTS -> (long) accounts.cardinality() * LoadEvents.UNITS_PER_ONE;
                // the time for which they hold stands apart: it reaches into the next hour
                case LEVELS -> 0;
                case BANDWIDTH -> LongStream.of(fiveMinutes).max().orElseThrow();
            };
        }
    }

    synchronized long acknowledged() {
        return acknowledged.cardinality();
    }

    /** An event that was acknowledged and is to be told again, or null while there is none. */
    synchronized @Nullable Told drawAgain(Random random, Instant notBefore, int within) {
        for (int tries = 0; tries < 20 && highest > 0; tries++) {
            long number = highest - random.nextLong(Math.min(within, highest));
            Instant time = Instant.ofEpochMilli(number < times.length ? times[(int) number] : 0);
            if (acknowledged.get((int) number) && !time.isBefore(notBefore)) {
                return new Told(number, time);
            }
        }
        return null;
    }

    /** An event and the time it was given when it was told first. */
    record Told(long number, Instant time) {}

    /** What must be on the bill. */
    HourAmounts amounts(CatalogueChange change) {
        HourAmounts all = sum(change::takes);
        addLevels(all);
        return all;
    }

    private synchronized void addLevels(HourAmounts all) {
        covered.forEach((instance, steps) -> steps.forEach(step -> all.add(
                instances.get(instance).instanceId(),
                LoadEvents.hourOf(Instant.ofEpochSecond(step * SECONDS_OF_STEP)),
                HOURS_OF_STEP.multiply(BigDecimal.valueOf(events.levelOf(instance))),
                0)));
        reached.forEach((place, levels) ->
                all.add(instances.get(place.instance).instanceId(), place.hour, BigDecimal.ZERO, levels));
    }

    /** What no filter takes, in the amounts that it would come to. */
    HourAmounts filteredOut(CatalogueChange change) {
        return sum((region, hour) -> !change.takes(region, hour));
    }

    private interface Choice {
        boolean has(Region region, UsageHour hour);
    }

    private synchronized HourAmounts sum(Choice wanted) {
        HourAmounts all = new HourAmounts();
        totals.forEach((place, total) -> {
            if (wanted.has(place.region, place.hour)) {
                all.add(
                        instances.get(place.instance).instanceId(),
                        place.hour,
                        BigDecimal.valueOf(total.amount(), 4),
                        total.count);
            }
        });
        return all;
    }

    /** The events that no filter takes. */
    synchronized BitSet numbersFilteredOut(CatalogueChange change) {
        BitSet numbers = new BitSet();
        acknowledged.stream()
                .filter(number ->
                        !change.takes(events.regionOf(number), LoadEvents.hourOf(Instant.ofEpochMilli(times[number]))))
                .forEach(numbers::set);
        return numbers;
    }
}
