package io.hourledger.benchmarks.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The peers' reader of events: it knows the order of the members, looks at nothing between them and checks nothing. No peer could read
 * faster and be right about events it does not know, so what it saves is a gift to the peer.
 */
final class EventFields {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] ID = ascii("\"id\":\"");
    private static final byte[] SOURCE = ascii("\"source\":\"");
    private static final byte[] SUBJECT = ascii("\"subject\":\"");
    private static final byte[] TIME = ascii("\"time\":\"");
    private static final byte[] VALUE = ascii("\"bytes\":");

    private int subjectFrom;
    private int subjectTo;
    private long hash1;
    private long hash2;
    private long hour;
    private long value;

    /** Reads one event; its fields are there until the next. */
    void read(byte[] json) {
        int idFrom = after(json, 0, ID);
        int idTo = quote(json, idFrom);
        int sourceFrom = after(json, idTo, SOURCE);
        int sourceTo = quote(json, sourceFrom);
        subjectFrom = after(json, sourceTo, SUBJECT);
        subjectTo = quote(json, subjectFrom);
        int time = after(json, subjectTo, TIME);
        hour = hourAt(json, time);
        long sum = 0;
        for (int i = after(json, time, VALUE); json[i] >= '0' && json[i] <= '9'; i++) {
            sum = sum * 10 + (json[i] - '0');
        }
        value = sum;
        hash1 = 0x9E3779B97F4A7C15L;
        hash2 = 0xC2B2AE3D27D4EB4FL;
        hash(json, idFrom, idTo);
        hash(json, sourceFrom, sourceTo);
        hash(json, subjectFrom, subjectTo);
    }

    /** What the event is known by: 16 bytes over id, source and subject. */
    byte[] identity() {
        byte[] identity = new byte[16];
        LONGS.set(identity, 0, hash1);
        LONGS.set(identity, 8, hash2);
        return identity;
    }

    /** What the event is added to: the subject and the hour. */
    byte[] bucket(byte[] json) {
        int length = subjectTo - subjectFrom;
        byte[] bucket = new byte[length + 8];
        System.arraycopy(json, subjectFrom, bucket, 0, length);
        LONGS.set(bucket, length, hour);
        return bucket;
    }

    long value() {
        return value;
    }

    /** The instance of a bucket. */
    static String instanceOf(byte[] bucket) {
        return new String(bucket, 0, bucket.length - 8, StandardCharsets.US_ASCII);
    }

    /** The hour of a bucket, counted from 1970. */
    static long hourOf(byte[] bucket) {
        return (long) LONGS.get(bucket, bucket.length - 8);
    }

    private static int after(byte[] json, int from, byte[] name) {
        int last = json.length - name.length;
        search:
        for (int at = from; at <= last; at++) {
            for (int i = 0; i < name.length; i++) {
                if (json[at + i] != name[i]) {
                    continue search;
                }
            }
            return at + name.length;
        }
        throw new IllegalArgumentException("not an event of this bench: " + new String(json, StandardCharsets.UTF_8));
    }

    private static int quote(byte[] json, int from) {
        int at = from;
        while (json[at] != '"') {
            at++;
        }
        return at;
    }

    private void hash(byte[] json, int from, int to) {
        int at = from;
        for (; at + 8 <= to; at += 8) {
            mix((long) LONGS.get(json, at));
        }
        long rest = (long) to - from;
        for (; at < to; at++) {
            rest = rest << 8 | json[at];
        }
        mix(rest);
    }

    private void mix(long word) {
        hash1 = (hash1 ^ word) * 0xBF58476D1CE4E5B9L;
        hash1 ^= hash1 >>> 32;
        hash2 = (hash2 + word) * 0x94D049BB133111EBL;
        hash2 ^= hash2 >>> 29;
    }

    private static long hourAt(byte[] json, int at) {
        int year = number(json, at, 4);
        int month = number(json, at + 5, 2);
        int day = number(json, at + 8, 2);
        int shiftedYear = month <= 2 ? year - 1 : year;
        int era = shiftedYear / 400;
        int yearOfEra = shiftedYear - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return (era * 146_097L + dayOfEra - 719_468) * 24 + number(json, at + 11, 2);
    }

    private static int number(byte[] json, int at, int digits) {
        int number = 0;
        for (int i = at; i < at + digits; i++) {
            number = number * 10 + (json[i] - '0');
        }
        return number;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
