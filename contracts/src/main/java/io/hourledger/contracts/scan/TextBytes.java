package io.hourledger.contracts.scan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds its way in the bytes of JSON without escapes, eight bytes at a time. */
final class TextBytes {

    static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final long EACH = 0x0101010101010101L;
    static final long TOPS = 0x8080808080808080L;

    /** The first byte that a name may hold, and the first that any other text may hold: of the two, only the space is in dispute. */
    static final long NAME = 0x21 * EACH;

    static final long ANY_TEXT = 0x20 * EACH;

    static final int NOWHERE = -1;

    private TextBytes() {}

    /** Eight bytes from here on, with zeros behind the end. */
    static long wordAt(byte[] bytes, int at, int end) {
        if (at + Long.BYTES <= end) {
            return (long) LONGS.get(bytes, at);
        }
        long word = 0;
        for (int i = at; i < end; i++) {
            word |= (bytes[i] & 0xffL) << (8 * (i - at));
        }
        return word;
    }

    /**
     * From behind a quote, the place of the closing one, or -1 if there is an escape before it, a control character, anything beyond ASCII, a
     * byte below {@code lowest}, or no end. Eight bytes at a time: a byte that stops the text gets its top bit set in {@code stops}.
     */
    static int endOfText(long lowest, byte[] bytes, int from, int end) {
        int at = from;
        while (at + Long.BYTES <= end) {
            long word = (long) LONGS.get(bytes, at);
            long quotes = word ^ '"' * EACH;
            long escapes = word ^ '\\' * EACH;
            long low = (word - lowest) & ~word;
            long delOrBeyondAscii = word | (word + EACH);
            long stops = low | ((quotes - EACH) & ~quotes) | ((escapes - EACH) & ~escapes) | delOrBeyondAscii;
            stops &= TOPS;
            if (stops != 0) {
                at += Long.numberOfTrailingZeros(stops) >>> 3;
                return bytes[at] == '"' ? at : NOWHERE;
            }
            at += Long.BYTES;
        }
        byte lowestByte = (byte) lowest;
        while (at < end) {
            byte b = bytes[at];
            if (b < lowestByte || b == '"' || b == '\\' || b == 0x7f) {
                return b == '"' ? at : NOWHERE;
            }
            at++;
        }
        return NOWHERE;
    }

    /** The place behind this character, if it comes next but for white space. */
    static int behind(char c, byte[] bytes, int from, int end) {
        if (from < end && bytes[from] == c) {
            return from + 1;
        }
        int at = firstNotSpace(bytes, from, end);
        return at < end && bytes[at] == c ? at + 1 : NOWHERE;
    }

    static int firstNotSpace(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end) {
            byte b = bytes[at];
            if (b > ' ' || (b != ' ' && b != '\n' && b != '\r' && b != '\t')) {
                return at;
            }
            at++;
        }
        return at;
    }
}
