package io.hourledger.contracts.scan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
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
    private final boolean[] percentile;

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
        percentile = new boolean[meters.length];
        for (int i = 0; i < meters.length; i++) {
            types[i] = meters[i].eventType().getBytes(UTF_8);
            String field = meters[i].valueField();
            valueFields[i] = field == null ? NO_FIELD : field.getBytes(UTF_8);
            unique[i] = meters[i].aggregation() == Aggregation.UNIQUE;
            percentile[i] = meters[i].aggregation() == Aggregation.PERCENTILE;
            // a bucket of these two adds up what is held beside it
            adds[i] = meters[i].aggregation().adds() || unique[i] || percentile[i];
        }
        for (Slice slice : slices.values()) {
            for (int i = slice.from; i < slice.to; i++) {
                alone[i] = meters[i].filter().isEmpty()
                        && !unique[i]
                        && !percentile[i]
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

    /** How many meters at most read one event. */
    public int mostOfOneType() {
        int most = 1;
        for (Slice slice : slices.values()) {
            for (int i = slice.from; i < slice.to; i++) {
                most = Math.max(most, howManyRead(meters[i].eventType(), slice));
            }
        }
        return most;
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

    /** Whether it takes a percentile of five-minute values. */
    public boolean isPercentile(int number) {
        return percentile[number];
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
