package io.hourledger.aggregator.ids;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What makes an event that event, in 16 bytes: 96 bits of (subject, source, id) and 32 bits of its content (type, time, value). Reused for
 * every event; belongs to one thread.
 *
 * <p>The lengths of the three texts are hashed before them, so no other three texts can be cut to the same words.
 */
public final class EventIdentity {

    /** Bytes of one identity, as kept in tables, rows and blocks. */
    public static final int BYTES = 16;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final SipHash names;
    private final SipHash contents;
    private final SipHash types;
    private final SipHash uniqueValues;

    /** Room for the longest names that an event may have, at three bytes a character, and for the longest type. */
    private final long[] words = new long[256];

    private long high;
    private int low;
    private int content;

    public EventIdentity(IdKey key) {
        this.names = key.hashFor("names");
        this.contents = key.hashFor("contents");
        this.types = key.hashFor("types");
        this.uniqueValues = key.hashFor("unique values");
    }

    /** A number that stands for an event type, or for the name of a meter, in the content. */
    public long numberOf(byte[] text) {
        int count = put(0, text, 0, text.length);
        words[count++] = text.length;
        return types.hash64(words, count);
    }

    /** Takes the names of an event, each a stretch of UTF-8 in the same bytes. */
    public void ofNames(
            byte[] bytes,
            int subjectOffset,
            int subjectLength,
            int sourceOffset,
            int sourceLength,
            int idOffset,
            int idLength) {
        words[0] = (long) subjectLength << 32 | (long) sourceLength << 16 | idLength;
        int count = put(1, bytes, subjectOffset, subjectLength);
        count = put(count, bytes, sourceOffset, sourceLength);
        count = put(count, bytes, idOffset, idLength);
        names.hash128(words, count);
        high = names.first();
        low = (int) names.second();
    }

    /** Takes, in place of an event, a value that a meter counts once in an hour of its instance. */
    public void ofUniqueValue(
            byte[] bytes, int subjectOffset, int subjectLength, long meter, long hour, long valueHigh, long valueLow) {
        words[0] = meter;
        words[1] = hour;
        words[2] = valueHigh;
        words[3] = valueLow;
        words[4] = subjectLength;
        uniqueValues.hash128(words, put(5, bytes, subjectOffset, subjectLength));
        high = uniqueValues.first();
        low = (int) uniqueValues.second();
        content = 0;
    }

    /** Takes the content of an event; the value is a number of 128 bits at a fixed scale. */
    public void ofContent(long typeNumber, long epochSecond, int nanos, long valueHigh, long valueLow) {
        words[0] = typeNumber;
        words[1] = epochSecond;
        words[2] = nanos;
        words[3] = valueHigh;
        words[4] = valueLow;
        content = (int) contents.hash64(words, 5);
    }

    /** Adds what one meter reads to the content that was taken last. */
    public void andContent(long meter, long valueHigh, long valueLow) {
        words[0] = content;
        words[1] = meter;
        words[2] = valueHigh;
        words[3] = valueLow;
        content = (int) contents.hash64(words, 4);
    }

    private int put(int at, byte[] bytes, int offset, int length) {
        int word = at;
        int position = offset;
        int end = offset + length;
        for (; position + Long.BYTES <= end; position += Long.BYTES) {
            words[word++] = (long) LONGS.get(bytes, position);
        }
        int left = end - position;
        if (left > 0) {
            words[word++] = tail(bytes, position, left);
        }
        return word;
    }

    private static long tail(byte[] bytes, int position, int left) {
        if (position + Long.BYTES <= bytes.length) {
            return (long) LONGS.get(bytes, position) & ((1L << (left * 8)) - 1);
        }
        long tail = 0;
        for (int i = 0; i < left; i++) {
            tail |= (bytes[position + i] & 0xffL) << (i * 8);
        }
        return tail;
    }

    /** The first 64 bits of the names' hash. */
    public long high() {
        return high;
    }

    /** The other 32 bits of the names' hash. */
    public int low() {
        return low;
    }

    public int content() {
        return content;
    }
}
