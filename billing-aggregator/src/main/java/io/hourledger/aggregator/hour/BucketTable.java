package io.hourledger.aggregator.hour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.UsageHour;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Adds up what was counted of each bucket of one partition since the last checkpoint; belongs to one thread. Instances are found by their bytes, and their few buckets by a
 * chain that begins with the one used last.
 *
 * <p>All of an instance, and all of a bucket, lie side by side in one array of longs: counting an event touches as few lines of memory as it
 * can. So a bucket stays in its place when a checkpoint has taken what was counted of it, until {@link #clear} makes room.
 */
final class BucketTable {

    /** What {@link #instance} answers when it is not there. */
    static final int UNKNOWN = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Nobody outside knows it, so nobody can choose instance ids that all meet in one place. */
    private static final long SECRET = new SecureRandom().nextLong() | 1;

    private static final long MICROS_OF_HOUR = UsageHour.LENGTH.toMillis() * 1000;

    private static final int FIRST_CAPACITY = 256;
    private static final int FIRST_NAME_BYTES = 1 << 14;
    private static final long NONE = -1;
    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(Long.SIZE);

    // an instance: four longs in a place of an open addressing table; the name's reference is 0 in an empty place
    private static final int PLACE = 4;
    private static final int HASH = 0;
    private static final int NAME = 1;
    private static final int NEWEST = 2;

    // a bucket: twelve longs in a row
    private static final int ROW = 12;
    private static final int HOUR = 0;
    private static final int METER = 1; // with the revision in its upper half: 0 for nearly all
    private static final int TOTAL_HIGH = 2;
    private static final int TOTAL_LOW = 3;
    private static final int EVENTS = 4;
    private static final int LAST_MICROS = 5;
    private static final int FIRST_MICROS = 6;
    private static final int LAST_OFFSET = 7;
    private static final int SHARED =
            8; // twice the events that another bucket accounts for, plus one if it has changed
    private static final int OLDER = 9;
    private static final int FIRST_OFFSET = 10;
    private static final int OWNER = 11;

    private static final long CHANGED = 1;
    private static final long ONE_SHARED = 2;

    private final Meters meters;

    private long[] places = {};
    private int instances;
    private byte[] names = {};
    private int namesEnd;
    private long wantedHash;

    private long[] rows = {};
    private int buckets;

    private int[] changed = {};
    private int changes;

    BucketTable(Meters meters) {
        this.meters = meters;
        clear();
    }

    /**
     * Lets go of all places.
     *
     * @throws IllegalStateException if something was counted that no checkpoint has taken
     */
    void clear() {
        if (changes > 0) {
            throw new IllegalStateException(changes + " buckets have changed and are not stored yet");
        }

        places = new long[PLACE * 2 * FIRST_CAPACITY];
        instances = 0;
        names = new byte[FIRST_NAME_BYTES];
        namesEnd = 1;
        rows = new long[ROW * FIRST_CAPACITY];
        buckets = 0;
        changed = new int[FIRST_CAPACITY];
        changes = 0;
    }

    int size() {
        return buckets;
    }

    /** The place of the instance of this name, or {@link #UNKNOWN}; right until another is added. */
    int instance(byte[] bytes, int offset, int length) {
        long hash = hash(bytes, offset, length);
        wantedHash = hash;
        int mask = places.length - 1;
        int place = (int) (hash >>> 32) * PLACE & mask;
        while (places[place + NAME] != 0) {
            if (places[place + HASH] == hash && isName(places[place + NAME], bytes, offset, length)) {
                return place;
            }
            place = (place + PLACE) & mask;
        }
        return UNKNOWN;
    }

    private boolean isName(long reference, byte[] bytes, int offset, int length) {
        int begin = (int) (reference >>> Short.SIZE);
        int end = begin + (int) (reference & 0xffff);
        return Arrays.equals(names, begin, end, bytes, offset, offset + length);
    }

    /** Adds the instance that {@link #instance} has just not found; answers its place. */
    int addInstance(byte[] bytes, int offset, int length) {
        if (names.length - namesEnd < length) {
            names = Arrays.copyOf(names, Math.max(names.length + length, names.length + (names.length >> 1)));
        }
        System.arraycopy(bytes, offset, names, namesEnd, length);
        long reference = (long) namesEnd << Short.SIZE | length;
        namesEnd += length;
        instances++;
        if (2L * PLACE * instances > places.length) {
            growPlaces();
        }
        return put(places, wantedHash, reference, NONE);
    }

    private void growPlaces() {
        long[] grown = new long[2 * places.length];
        for (int place = 0; place < places.length; place += PLACE) {
            if (places[place + NAME] != 0) {
                put(grown, places[place + HASH], places[place + NAME], places[place + NEWEST]);
            }
        }
        places = grown;
    }

    private static int put(long[] places, long hash, long reference, long newest) {
        int mask = places.length - 1;
        int place = (int) (hash >>> 32) * PLACE & mask;
        while (places[place + NAME] != 0) {
            place = (place + PLACE) & mask;
        }
        places[place + HASH] = hash;
        places[place + NAME] = reference;
        places[place + NEWEST] = newest;
        return place;
    }

    private static long hash(byte[] bytes, int offset, int length) {
        long hash = length * SECRET;
        int position = offset;
        int end = offset + length;
        for (; position + Long.BYTES <= end; position += Long.BYTES) {
            hash = mix(hash ^ (long) LONGS.get(bytes, position));
        }
        long tail = 0;
        for (; position < end; position++) {
            tail = tail << 8 | (bytes[position] & 0xff);
        }
        return mix(hash ^ tail);
    }

    private static long mix(long word) {
        return Math.multiplyHigh(word, SECRET) ^ word * SECRET;
    }

    /** A meter in one revision of an hour, as {@link #count} takes it. */
    static long meterIn(int meter, int revision) {
        return (long) revision << Integer.SIZE | meter;
    }

    /** Counts one event for the instance in this place. */
    void count(int place, long hour, long meter, long valueHigh, long valueLow, long micros, long offset) {
        long newest = places[place + NEWEST];
        int row = newest == NONE ? UNKNOWN : (int) newest * ROW;
        if (row == UNKNOWN || rows[row + HOUR] != hour || rows[row + METER] != meter) {
            row = row(place, hour, meter);
        }
        if (meters.adds((int) meter)) {
            long low = rows[row + TOTAL_LOW] + valueLow;
            long carry = Long.compareUnsigned(low, valueLow) < 0 ? 1 : 0;
            rows[row + TOTAL_HIGH] = Math.addExact(rows[row + TOTAL_HIGH], valueHigh + carry);
            rows[row + TOTAL_LOW] = low;
        } else if (holds(row, valueHigh, valueLow, micros)) {
            rows[row + TOTAL_HIGH] = valueHigh;
            rows[row + TOTAL_LOW] = valueLow;
        }
        rows[row + EVENTS]++;
        rows[row + LAST_MICROS] = Math.max(rows[row + LAST_MICROS], micros);
        rows[row + FIRST_MICROS] = Math.min(rows[row + FIRST_MICROS], micros);
        rows[row + LAST_OFFSET] = offset;
        if ((rows[row + SHARED] & CHANGED) == 0) {
            rows[row + SHARED] |= CHANGED;
            rows[row + FIRST_OFFSET] = offset;
            if (changes == changed.length) {
                changed = Arrays.copyOf(changed, 2 * changes);
            }
            changed[changes++] = row;
        }
    }

    /** Counts an event that was counted by another meter before, whose bucket accounts for it. */
    void countShared(int place, long hour, long meter, long valueHigh, long valueLow, long micros, long offset) {
        count(place, hour, meter, valueHigh, valueLow, micros, offset);
        // what was counted last is the newest
        rows[(int) places[place + NEWEST] * ROW + SHARED] += ONE_SHARED;
    }

    /** Whether the event at hand makes the amount of its bucket from now on. Events come in the order of the log. */
    private boolean holds(int row, long valueHigh, long valueLow, long micros) {
        if (rows[row + EVENTS] == 0) {
            return true;
        }
        int high = Long.compare(valueHigh, rows[row + TOTAL_HIGH]);
        int value = high != 0 ? high : Long.compareUnsigned(valueLow, rows[row + TOTAL_LOW]);
        return switch (meters.meter(meter(row)).aggregation()) {
            case MIN -> value < 0;
            case MAX -> value > 0;
            case LATEST -> micros >= rows[row + LAST_MICROS];
            case COUNT, SUM, UNIQUE, PERCENTILE, TIME_WEIGHTED_SUM -> throw new IllegalStateException("the meter adds");
        };
    }

    /** The row of this bucket, made if it is not there; from now on the instance's newest. */
    private int row(int place, long hour, long meter) {
        int newer = UNKNOWN;
        for (long bucket = places[place + NEWEST]; bucket != NONE; bucket = rows[(int) bucket * ROW + OLDER]) {
            int row = (int) bucket * ROW;
            if (rows[row + HOUR] == hour && rows[row + METER] == meter) {
                if (newer != UNKNOWN) {
                    rows[newer + OLDER] = rows[row + OLDER];
                    rows[row + OLDER] = places[place + NEWEST];
                    places[place + NEWEST] = bucket;
                }
                return row;
            }
            newer = row;
        }
        int row = buckets * ROW;
        if (row == rows.length) {
            rows = Arrays.copyOf(rows, Math.multiplyExact(ROW, buckets + (buckets >> 1)));
        }
        rows[row + HOUR] = hour;
        rows[row + METER] = meter;
        empty(row);
        rows[row + OLDER] = places[place + NEWEST];
        rows[row + OWNER] = places[place + NAME];
        places[place + NEWEST] = buckets;
        buckets++;
        return row;
    }

    /** How many buckets have changed since they were taken last. */
    int changes() {
        return changes;
    }

    /** What was counted since this was asked last. */
    List<BucketIncrement> takeIncrements() {
        List<BucketIncrement> taken = new ArrayList<>(changes);
        for (int i = 0; i < changes; i++) {
            int row = changed[i];
            taken.add(new BucketIncrement(bucket(row), meters.meter(meter(row)).aggregation()));
            empty(row);
        }
        changes = 0;
        return taken;
    }

    private void empty(int row) {
        rows[row + TOTAL_HIGH] = 0;
        rows[row + TOTAL_LOW] = 0;
        rows[row + EVENTS] = 0;
        rows[row + FIRST_MICROS] = Long.MAX_VALUE;
        rows[row + LAST_MICROS] = Long.MIN_VALUE;
        rows[row + SHARED] = 0;
    }

    private Bucket bucket(int row) {
        long owner = rows[row + OWNER];
        return new Bucket(
                UsageHour.ofNumber(rows[row + HOUR]),
                revision(row),
                new String(names, (int) (owner >>> Short.SIZE), (int) (owner & 0xffff), UTF_8),
                meters.meter(meter(row)).name(),
                total(rows[row + TOTAL_HIGH], rows[row + TOTAL_LOW]),
                new EventSpan(rows[row + EVENTS], moment(rows[row + FIRST_MICROS]), moment(lastMicros(row))),
                rows[row + SHARED] / ONE_SHARED,
                new Bucket.Offsets(rows[row + FIRST_OFFSET], rows[row + LAST_OFFSET]));
    }

    /** A level may hold to the end of its hour, and what is billed of that depends on the life up to there. */
    private long lastMicros(int row) {
        return meters.weighsLevels(meter(row)) ? (rows[row + HOUR] + 1) * MICROS_OF_HOUR - 1 : rows[row + LAST_MICROS];
    }

    private int meter(int row) {
        return (int) rows[row + METER];
    }

    private int revision(int row) {
        return (int) (rows[row + METER] >>> Integer.SIZE);
    }

    private static BigDecimal total(long high, long low) {
        BigInteger unsignedLow = BigInteger.valueOf(low);
        if (low < 0) {
            unsignedLow = unsignedLow.add(TWO_TO_64);
        }
        BigDecimal total = new BigDecimal(
                        BigInteger.valueOf(high).shiftLeft(Long.SIZE).add(unsignedLow), EventView.VALUE_SCALE)
                .stripTrailingZeros();
        return total.scale() < 0 ? total.setScale(0) : total;
    }

    static Instant moment(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
