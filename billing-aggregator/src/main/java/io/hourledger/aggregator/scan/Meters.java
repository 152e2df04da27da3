package io.hourledger.aggregator.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import java.util.Arrays;
import java.util.List;

/** The meters of a catalogue by number, with their names as bytes. Immutable. */
public final class Meters {

    private static final byte[] NO_FIELD = {};

    private final Meter[] meters;
    private final byte[][] types;
    private final byte[][] valueFields;
    private final boolean[] adds;
    private final boolean[] alone;

    public Meters(Catalogue catalogue) {
        meters = catalogue.meters().toArray(Meter[]::new);
        types = new byte[meters.length][];
        valueFields = new byte[meters.length][];
        adds = new boolean[meters.length];
        alone = new boolean[meters.length];
        for (int i = 0; i < meters.length; i++) {
            types[i] = meters[i].eventType().getBytes(UTF_8);
            String field = meters[i].valueField();
            valueFields[i] = field == null ? NO_FIELD : field.getBytes(UTF_8);
            adds[i] = meters[i].aggregation().adds();
            alone[i] = meters[i].filter().isEmpty()
                    && catalogue.metersOfEventType(meters[i].eventType()).size() == 1;
        }
    }

    public int count() {
        return meters.length;
    }

    public Meter meter(int number) {
        return meters[number];
    }

    public byte[] type(int number) {
        return types[number];
    }

    /** Whether {@link Aggregation#adds() the amounts of this meter add up}; asked for every event. */
    public boolean adds(int number) {
        return adds[number];
    }

    /** Whether it reads all events of its type, and no other meter does. */
    public boolean isAlone(int number) {
        return alone[number];
    }

    boolean counts(int number) {
        return meters[number].aggregation() == Aggregation.COUNT;
    }

    byte[] valueField(int number) {
        return valueFields[number];
    }

    /** The number of a meter of this catalogue. */
    public int numberOf(Meter meter) {
        int number = List.of(meters).indexOf(meter);
        if (number < 0) {
            throw new IllegalArgumentException("not a meter of this catalogue: " + meter.name());
        }
        return number;
    }

    /** The number of the meter of this name, or -1. */
    public int numberOfName(String name) {
        for (int i = 0; i < meters.length; i++) {
            if (meters[i].name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The number of the first meter that reads this type, or -1. Looks at {@code guess} first: most events are like the one before. */
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
