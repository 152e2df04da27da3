package io.hourledger.aggregator.hour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.scan.EventView;
import io.hourledger.aggregator.scan.Meters;
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
 * The buckets of one partition that may still change, in primitive arrays; belongs to one thread. Instances are found by their bytes, and
 * their few buckets by a chain that begins with the one used last.
 */
final class BucketTable {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Nobody outside knows it, so nobody can choose instance ids that all meet in one place. */
    private static final long SECRET = new SecureRandom().nextLong() | 1;

    private static final int NONE = -1;
    private static final int FIRST_CAPACITY = 1024;
    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(Long.SIZE);

    private final Meters meters;

    // instances: places of an open addressing table, then a row each
    private int[] places;
    private long[] placeHashes;
    private int instances;
    private byte[][] names;
    private int[] newestBucket;
    private long wantedHash;
    private int freePlace;

    // buckets: a row each
    private int buckets;
    private int[] instanceOf;
    private int[] olderBucket;
    private int[] meterOf;
    private long[] hourOf;
    private long[] totalHigh;
    private long[] totalLow;
    private long[] events;
    private long[] firstMicros;
    private long[] lastMicros;
    private long[] firstOffset;
    private long[] lastOffset;
    private boolean[] isChanged;

    private int[] changed;
    private int changes;

    BucketTable(Meters meters) {
        this.meters = meters;
        clear();
    }

    private void clear() {
        places = new int[2 * FIRST_CAPACITY];
        Arrays.fill(places, NONE);
        placeHashes = new long[2 * FIRST_CAPACITY];
        instances = 0;
        names = new byte[FIRST_CAPACITY][];
        newestBucket = new int[FIRST_CAPACITY];
        buckets = 0;
        instanceOf = new int[FIRST_CAPACITY];
        olderBucket = new int[FIRST_CAPACITY];
        meterOf = new int[FIRST_CAPACITY];
        hourOf = new long[FIRST_CAPACITY];
        totalHigh = new long[FIRST_CAPACITY];
        totalLow = new long[FIRST_CAPACITY];
        events = new long[FIRST_CAPACITY];
        firstMicros = new long[FIRST_CAPACITY];
        lastMicros = new long[FIRST_CAPACITY];
        firstOffset = new long[FIRST_CAPACITY];
        lastOffset = new long[FIRST_CAPACITY];
        isChanged = new boolean[FIRST_CAPACITY];
        changed = new int[FIRST_CAPACITY];
        changes = 0;
    }

    int size() {
        return buckets;
    }

    int changes() {
        return changes;
    }

    /** The instance of this name, or -1, after which {@link #addInstance} may add it. */
    int instance(byte[] bytes, int offset, int length) {
        long hash = hash(bytes, offset, length);
        int mask = places.length - 1;
        int place = (int) (hash >>> 32) & mask;
        while (places[place] != NONE) {
            if (placeHashes[place] == hash) {
                byte[] name = names[places[place]];
                if (Arrays.equals(name, 0, name.length, bytes, offset, offset + length)) {
                    return places[place];
                }
            }
            place = place + 1 & mask;
        }
        wantedHash = hash;
        freePlace = place;
        return NONE;
    }

    /** Adds the instance that {@link #instance} has just not found. */
    int addInstance(byte[] bytes, int offset, int length) {
        if (instances == names.length) {
            names = Arrays.copyOf(names, 2 * instances);
            newestBucket = Arrays.copyOf(newestBucket, 2 * instances);
        }
        names[instances] = Arrays.copyOfRange(bytes, offset, offset + length);
        newestBucket[instances] = NONE;
        places[freePlace] = instances;
        placeHashes[freePlace] = wantedHash;
        instances++;
        if (2 * instances > places.length) {
            growPlaces();
        }
        return instances - 1;
    }

    private void growPlaces() {
        int[] oldPlaces = places;
        long[] oldHashes = placeHashes;
        places = new int[2 * oldPlaces.length];
        placeHashes = new long[places.length];
        Arrays.fill(places, NONE);
        int mask = places.length - 1;
        for (int i = 0; i < oldPlaces.length; i++) {
            if (oldPlaces[i] != NONE) {
                int place = (int) (oldHashes[i] >>> 32) & mask;
                while (places[place] != NONE) {
                    place = place + 1 & mask;
                }
                places[place] = oldPlaces[i];
                placeHashes[place] = oldHashes[i];
            }
        }
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

    /** Counts one event. */
    void count(int instance, long hour, int meter, long valueHigh, long valueLow, long micros, long offset) {
        int bucket = newestBucket[instance];
        if (bucket == NONE || hourOf[bucket] != hour || meterOf[bucket] != meter) {
            bucket = bucket(instance, hour, meter, micros, offset);
        }
        long low = totalLow[bucket] + valueLow;
        long carry = Long.compareUnsigned(low, valueLow) < 0 ? 1 : 0;
        totalHigh[bucket] = Math.addExact(totalHigh[bucket], valueHigh + carry);
        totalLow[bucket] = low;
        events[bucket]++;
        firstMicros[bucket] = Math.min(firstMicros[bucket], micros);
        lastMicros[bucket] = Math.max(lastMicros[bucket], micros);
        lastOffset[bucket] = offset;
        if (!isChanged[bucket]) {
            isChanged[bucket] = true;
            if (changes == changed.length) {
                changed = Arrays.copyOf(changed, 2 * changes);
            }
            changed[changes++] = bucket;
        }
    }

    private int bucket(int instance, long hour, int meter, long micros, long offset) {
        int newer = NONE;
        for (int bucket = newestBucket[instance]; bucket != NONE; bucket = olderBucket[bucket]) {
            if (hourOf[bucket] == hour && meterOf[bucket] == meter) {
                moveToFront(instance, bucket, newer);
                return bucket;
            }
            newer = bucket;
        }
        int bucket = buckets++;
        if (bucket == instanceOf.length) {
            growBuckets();
        }
        instanceOf[bucket] = instance;
        olderBucket[bucket] = newestBucket[instance];
        newestBucket[instance] = bucket;
        meterOf[bucket] = meter;
        hourOf[bucket] = hour;
        totalHigh[bucket] = 0;
        totalLow[bucket] = 0;
        events[bucket] = 0;
        firstMicros[bucket] = micros;
        lastMicros[bucket] = micros;
        firstOffset[bucket] = offset;
        lastOffset[bucket] = offset;
        isChanged[bucket] = false;
        return bucket;
    }

    private void moveToFront(int instance, int bucket, int newer) {
        if (newer == NONE) {
            return;
        }
        olderBucket[newer] = olderBucket[bucket];
        olderBucket[bucket] = newestBucket[instance];
        newestBucket[instance] = bucket;
    }

    private void growBuckets() {
        int capacity = instanceOf.length + (instanceOf.length >> 1);
        instanceOf = Arrays.copyOf(instanceOf, capacity);
        olderBucket = Arrays.copyOf(olderBucket, capacity);
        meterOf = Arrays.copyOf(meterOf, capacity);
        hourOf = Arrays.copyOf(hourOf, capacity);
        totalHigh = Arrays.copyOf(totalHigh, capacity);
        totalLow = Arrays.copyOf(totalLow, capacity);
        events = Arrays.copyOf(events, capacity);
        firstMicros = Arrays.copyOf(firstMicros, capacity);
        lastMicros = Arrays.copyOf(lastMicros, capacity);
        firstOffset = Arrays.copyOf(firstOffset, capacity);
        lastOffset = Arrays.copyOf(lastOffset, capacity);
        isChanged = Arrays.copyOf(isChanged, capacity);
    }

    /** Takes a bucket as it was kept. */
    void restore(Bucket kept, int meter) {
        byte[] name = kept.instance().getBytes(UTF_8);
        int instance = instance(name, 0, name.length);
        if (instance == NONE) {
            instance = addInstance(name, 0, name.length);
        }
        int bucket = bucket(instance, kept.hour().number(), meter, micros(kept.firstEventAt()), kept.firstOffset());
        BigInteger total = kept.rawTotal().setScale(EventView.VALUE_SCALE).unscaledValue();
        totalHigh[bucket] = total.shiftRight(Long.SIZE).longValueExact();
        totalLow[bucket] = total.longValue();
        events[bucket] = kept.events();
        lastMicros[bucket] = micros(kept.lastEventAt());
        lastOffset[bucket] = kept.lastOffset();
    }

    private static long micros(Instant moment) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
    }

    /** The buckets that have changed since this was asked last. */
    List<Bucket> takeChanged() {
        List<Bucket> taken = new ArrayList<>(changes);
        for (int i = 0; i < changes; i++) {
            isChanged[changed[i]] = false;
            taken.add(row(changed[i]));
        }
        changes = 0;
        return taken;
    }

    private Bucket row(int bucket) {
        return new Bucket(
                UsageHour.ofNumber(hourOf[bucket]),
                new String(names[instanceOf[bucket]], UTF_8),
                meters.meter(meterOf[bucket]).name(),
                total(totalHigh[bucket], totalLow[bucket]),
                events[bucket],
                moment(firstMicros[bucket]),
                moment(lastMicros[bucket]),
                firstOffset[bucket],
                lastOffset[bucket]);
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

    private static Instant moment(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Drops all buckets of hours up to and with {@code hour}, and the instances that are left without one. Nothing may be changed but not taken. */
    void dropThrough(long hour) {
        if (changes > 0) {
            throw new IllegalStateException(changes + " buckets have changed and are not kept yet");
        }
        List<Bucket> staying = new ArrayList<>();
        int[] theirMeters = new int[buckets];
        for (int bucket = 0; bucket < buckets; bucket++) {
            if (hourOf[bucket] > hour) {
                theirMeters[staying.size()] = meterOf[bucket];
                staying.add(row(bucket));
            }
        }
        clear();
        for (int i = 0; i < staying.size(); i++) {
            restore(staying.get(i), theirMeters[i]);
        }
    }
}
