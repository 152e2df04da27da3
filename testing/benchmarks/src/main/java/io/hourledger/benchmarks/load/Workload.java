package io.hourledger.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.common.utils.Utils;

/**
 * The usage events of one benchmark, every one of them a function of its number: any part of the load can be made again at any time, in
 * any order, by any thread. First every instance has one event in turn, then they come by chance; of those, each hundredth, by chance, is an
 * exact repeat of an earlier one.
 *
 * @param events how many events, repeats included
 * @param instances how many instances use something
 * @param partitions of the topic; an instance's events all lie on the one that Kafka's own partitioner gives it
 * @param from the start of the first usage hour
 * @param hours how many usage hours the load spans
 * @param seed another seed, another load
 */
public record Workload(long events, int instances, int partitions, Instant from, int hours, long seed) {

    /** The type of every event, to be read by one meter. */
    public static final String EVENT_TYPE = "com.example.storage.egress";

    /** The field of {@code data} that is summed up. */
    public static final String VALUE_FIELD = "bytes";

    /** With the one meter that reads them. */
    public static final String CATALOGUE =
            """
            {"version": 1,
             "meters": [{"name": "egress", "eventType": "%s", "aggregation": "SUM", "valueField": "%s",
                         "unit": "MB", "unitFactor": "0.000001"}],
             "products": [{"productId": "bench-egress", "meter": "egress", "chargingMode": "ON_DEMAND",
                           "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
            """
                    .formatted(EVENT_TYPE, VALUE_FIELD);

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final int REPEATS_PER_CENT = 1;
    private static final int NEAR = 20_000;
    private static final int USUAL_DISORDER_MILLIS = 2_000;
    private static final int RARE_DISORDER_MILLIS = 120_000;
    private static final int RECEIPT_DELAY_MILLIS = 40;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static final String BLANK_UUID = "00000000-0000-4000-8000-000000000000";
    private static final String BLANK_TIME = "2000-01-01T00:00:00.000Z";

    /** As a CloudEvents SDK writes it. */
    private static final String FORM = "{\"specversion\":\"1.0\",\"id\":\"" + BLANK_UUID
            + "\",\"source\":\"https://files.example.com/gateway/00\",\"type\":\"" + EVENT_TYPE
            + "\",\"datacontenttype\":\"application/json\",\"subject\":\"" + BLANK_UUID + "\",\"time\":\"" + BLANK_TIME
            + "\",\"data\":{\"" + VALUE_FIELD + "\":";

    private static final byte[] TEMPLATE = FORM.getBytes(StandardCharsets.US_ASCII);
    private static final int ID_AT = FORM.indexOf(BLANK_UUID);
    private static final int NODE_AT = FORM.indexOf("/00\"") + 1;
    private static final int SUBJECT_AT = FORM.lastIndexOf(BLANK_UUID);
    private static final int TIME_AT = FORM.indexOf(BLANK_TIME);

    public Workload {
        if (events < 1 || instances < 1 || partitions < 1 || hours < 1) {
            throw new IllegalArgumentException("a load has at least one event, instance, partition and hour");
        }
    }

    /** The number of the event that this one repeats; its own if it is new. */
    public long originOf(long number) {
        long origin = number;
        while (true) {
            long dice = mix(seed ^ mix(origin * GOLDEN + 1));
            if (origin < instances || Long.remainderUnsigned(dice, 100) >= REPEATS_PER_CENT) {
                return origin;
            }
            long reach = Long.remainderUnsigned(mix(dice), 10) == 0 ? origin : Math.min(origin, NEAR);
            origin -= 1 + Long.remainderUnsigned(mix(dice + 1), reach);
        }
    }

    /** Which instance a new event belongs to. */
    public int instanceOf(long origin) {
        return origin < instances ? (int) origin : (int) Long.remainderUnsigned(mix(seed + origin * GOLDEN), instances);
    }

    /** What a new event adds. */
    public long valueOf(long origin) {
        return 1 + Long.remainderUnsigned(mix(seed + 2 + origin * GOLDEN), 9_999_999);
    }

    /** When the use of a new event happened; not in the order of the numbers. */
    public long timeMillisOf(long origin) {
        long dice = mix(seed + 3 + origin * GOLDEN);
        int disorder = Long.remainderUnsigned(dice, 50) == 0 ? RARE_DISORDER_MILLIS : USUAL_DISORDER_MILLIS;
        return Math.max(from.toEpochMilli(), rateMillis(origin) - Long.remainderUnsigned(mix(dice), disorder));
    }

    /** When an event, new or repeated, was received. */
    public long receiptMillisOf(long number) {
        return rateMillis(number) + RECEIPT_DELAY_MILLIS;
    }

    /** The place of a new event's usage hour among the hours of this load. */
    public int hourIndexOf(long origin) {
        return (int) ((timeMillisOf(origin) - from.toEpochMilli())
                / Duration.ofHours(1).toMillis());
    }

    private long rateMillis(long number) {
        return from.toEpochMilli()
                + (long) ((double) number / events * Duration.ofHours(hours).toMillis());
    }

    /** The id of an instance, 36 characters. */
    public String instanceId(int instance) {
        byte[] id = BLANK_UUID.getBytes(StandardCharsets.US_ASCII);
        writeUuid(id, 0, mix(seed + 4 + instance * GOLDEN), mix(seed + 5 + instance * GOLDEN));
        return new String(id, StandardCharsets.US_ASCII);
    }

    /** The partition that Kafka's default partitioner gives a key. */
    public int partitionOf(byte[] key) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }

    /** A new event's JSON. */
    public byte[] json(long origin, byte[] instanceId) {
        byte[] digits = Long.toString(valueOf(origin)).getBytes(StandardCharsets.US_ASCII);
        byte[] json = Arrays.copyOf(TEMPLATE, TEMPLATE.length + digits.length + 2);
        writeUuid(json, ID_AT, mix(seed + 6 + origin * GOLDEN), mix(seed + 7 + origin * GOLDEN));
        writeNumber(json, NODE_AT, 2, origin % 32);
        System.arraycopy(instanceId, 0, json, SUBJECT_AT, instanceId.length);
        writeTime(json, TIME_AT, timeMillisOf(origin));
        System.arraycopy(digits, 0, json, TEMPLATE.length, digits.length);
        json[json.length - 2] = '}';
        json[json.length - 1] = '}';
        return json;
    }

    private static void writeUuid(byte[] to, int at, long high, long low) {
        int position = at;
        for (int digit = 0; digit < 32; digit++) {
            if (to[position] == '-') {
                position++;
            }
            if (digit != 12 && digit != 16) { // version and variant stay as they stand in the form
                long half = digit < 16 ? high : low;
                to[position] = HEX[(int) (half >>> ((digit & 15) * 4)) & 15];
            }
            position++;
        }
    }

    /** The civil date of a day since 1970 by Howard Hinnant's algorithm: a formatter would cost more than the rest of the event. */
    private static void writeTime(byte[] to, int at, long epochMillis) {
        long days = Math.floorDiv(epochMillis, 86_400_000L);
        int milliOfDay = (int) Math.floorMod(epochMillis, 86_400_000L);
        long z = days + 719_468;
        long era = z / 146_097;
        long dayOfEra = z - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long shiftedMonth = (5 * dayOfYear + 2) / 153;
        long day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
        long month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        writeNumber(to, at, 4, year);
        writeNumber(to, at + 5, 2, month);
        writeNumber(to, at + 8, 2, day);
        writeNumber(to, at + 11, 2, milliOfDay / 3_600_000);
        writeNumber(to, at + 14, 2, milliOfDay / 60_000 % 60);
        writeNumber(to, at + 17, 2, milliOfDay / 1000 % 60);
        writeNumber(to, at + 20, 3, milliOfDay % 1000);
    }

    private static void writeNumber(byte[] to, int at, int width, long number) {
        long rest = number;
        for (int i = at + width - 1; i >= at; i--) {
            to[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long z) {
        long mixed = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
