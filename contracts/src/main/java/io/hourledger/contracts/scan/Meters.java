package io.hourledger.contracts.scan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.UsageHour;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The meters of all versions of the catalogue by number, with their names as bytes. Immutable. */
public final class Meters {

    private static final byte[] NO_FIELD = {};

    private final Meter[] meters;
    private final NavigableMap<Long, Slice> slices = new TreeMap<>();
    private final byte[][] types;
    private final byte[][] valueFields;
    private final boolean[] adds;
    private final boolean[] alone;
    private final boolean[] unique;
    private final boolean[] timed;
    private final boolean[] levels;
    private final int hoursReached;

    /** The numbers of the meters of one version. */
    private record Slice(int from, int to) {}

    public Meters(CatalogueVersions versions) {
        List<Meter> all = new ArrayList<>();
        versions.byFirstHour().forEach((hour, catalogue) -> {
            slices.put(
                    hour, new Slice(all.size(), all.size() + catalogue.meters().size()));
            all.addAll(catalogue.meters());
        });
        meters = all.toArray(Meter[]::new);
        types = new byte[meters.length][];
        valueFields = new byte[meters.length][];
        adds = new boolean[meters.length];
        alone = new boolean[meters.length];
        unique = new boolean[meters.length];
        timed = new boolean[meters.length];
        levels = new boolean[meters.length];
        int reached = 0;
        for (int i = 0; i < meters.length; i++) {
            types[i] = meters[i].eventType().getBytes(UTF_8);
            String field = meters[i].valueField();
            valueFields[i] = field == null ? NO_FIELD : field.getBytes(UTF_8);
            unique[i] = meters[i].aggregation() == Aggregation.UNIQUE;
            timed[i] = meters[i].aggregation().needsTimedValues();
            if (meters[i].terms() instanceof TimeWeighted terms) {
                levels[i] = true;
                reached = Math.max(reached, terms.hoursReached());
            }
            // a bucket of these adds up what is held beside it
            adds[i] = meters[i].aggregation().adds() || unique[i] || timed[i];
        }
        hoursReached = reached;
        for (Slice slice : slices.values()) {
            for (int i = slice.from; i < slice.to; i++) {
                alone[i] = meters[i].filter().isEmpty()
                        && !unique[i]
                        && !timed[i]
                        && howManyRead(meters[i].eventType(), slice) == 1;
            }
        }
    }

    private int howManyRead(String eventType, Slice slice) {
        int reading = 0;
        for (int i = slice.from; i < slice.to; i++) {
            reading += meters[i].eventType().equals(eventType) ? 1 : 0;
        }
        return reading;
    }

    /** The number of the first meter of the version that rules from this hour on. */
    int firstOf(long firstHour) {
        return Objects.requireNonNull(slices.get(firstHour), "a version rules from its first hour on").from;
    }

    public int count() {
        return meters.length;
    }

    /** In how many buckets one event counts at most: of each meter that reads it, and of each hour that a level reaches. */
    public int mostBucketsOfEvent() {
        int most = 1;
        for (Slice slice : slices.values()) {
            for (int i = slice.from; i < slice.to; i++) {
                most = Math.max(most, bucketsOf(meters[i].eventType(), slice));
            }
        }
        return most;
    }

    private int bucketsOf(String eventType, Slice slice) {
        int all = 0;
        for (int i = slice.from; i < slice.to; i++) {
            if (meters[i].eventType().equals(eventType)) {
                all += meters[i].terms() instanceof TimeWeighted terms ? 1 + terms.hoursReached() : 1;
            }
        }
        return all;
    }

    /** The names of all that count unique values, in any version. */
    public Set<String> uniqueCounts() {
        return Stream.of(meters)
                .filter(meter -> meter.aggregation() == Aggregation.UNIQUE)
                .map(Meter::name)
                .collect(toSet());
    }

    /** Whether it counts unique values. */
    public boolean isUnique(int number) {
        return unique[number];
    }

    /** Whether its bucket keeps values by time beside its total. */
    public boolean isTimed(int number) {
        return timed[number];
    }

    /** Whether it weighs levels by time. */
    public boolean weighsLevels(int number) {
        return levels[number];
    }

    /** In how many hours behind its own an event may count at most; 0 if no meter weighs levels. */
    public int hoursReached() {
        return hoursReached;
    }

    /**
     * The last hour in which a level that this meter reads may hold. It ends before the first hour whose version has the meter otherwise, or not
     * at all.
     *
     * @return the hour of its time, if the meter weighs no levels
     */
    public long lastHourOf(int number, long epochSecond) {
        long own = Math.floorDiv(epochSecond, UsageHour.LENGTH.toSeconds());
        if (!levels[number]) {
            return own;
        }
        long last = ((TimeWeighted) meters[number].terms()).lastHour(epochSecond);
        long hour = own;
        while (hour < last && sameIn(number, hour + 1) >= 0) {
            hour++;
        }
        return hour;
    }

    /** The number that a meter has in the version that rules an hour; -1 if that has it otherwise or not at all. */
    public int sameIn(int number, long hour) {
        Slice slice = slices.floorEntry(hour).getValue();
        if (slice.from <= number && number < slice.to) {
            return number;
        }
        for (int i = slice.from; i < slice.to; i++) {
            if (meters[i].equals(meters[number])) {
                return i;
            }
        }
        return -1;
    }

    /**
     * By which number the version of an event's own hour has a meter, if what this reads in the event may count in another hour.
     *
     * @param name of the meter
     * @param hour in which it may count: that of the event, or a later one that a level reaches
     * @return -1 if it cannot count there
     */
    public int numberReaching(String name, long epochSecond, UsageHour hour) {
        long own = Math.floorDiv(epochSecond, UsageHour.LENGTH.toSeconds());
        int number = numberOf(name, UsageHour.ofNumber(own));
        boolean counts = number >= 0 && own <= hour.number() && hour.number() <= lastHourOf(number, epochSecond);
        return counts ? number : -1;
    }

    public Meter meter(int number) {
        return meters[number];
    }

    public byte[] type(int number) {
        return types[number];
    }

    /** Whether a bucket of this meter adds up what it is given; asked for every event. */
    public boolean adds(int number) {
        return adds[number];
    }

    /** Whether it reads all events of its type, no other meter does, and its bucket needs nothing beside it. */
    boolean isAlone(int number) {
        return alone[number];
    }

    boolean counts(int number) {
        return meters[number].aggregation() == Aggregation.COUNT;
    }

    byte[] valueField(int number) {
        return valueFields[number];
    }

    /** The number of the meter of this name in the version that rules an hour, or -1. */
    public int numberOf(String name, UsageHour hour) {
        Slice slice = slices.floorEntry(hour.number()).getValue();
        for (int i = slice.from; i < slice.to; i++) {
            if (meters[i].name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The number of the first meter that reads this type, or -1; only asked of one version. Looks at {@code guess} first: most events are like the one before. */
    int reading(byte[] bytes, int offset, int length, int guess) {
        if (isType(guess, bytes, offset, length)) {
            return guess;
        }
        for (int i = 0; i < types.length; i++) {
            if (isType(i, bytes, offset, length)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isType(int number, byte[] bytes, int offset, int length) {
        return Arrays.equals(types[number], 0, types[number].length, bytes, offset, offset + length);
    }
}
