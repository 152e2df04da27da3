package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;

/** Checks that bytes are strict UTF-8 and begin as one JSON object, before the JSON library sees them. */
final class Utf8Object {

    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Utf8Object() {}

    /** The library guesses UTF-16 and UTF-32 from zeros among the first four bytes, and lets some broken UTF-8 pass. Neither is an event. */
    static void require(byte[] bytes, int offset, int length) throws NotAnEvent {
        int end = offset + length;
        int first = offset;
        while (first < end && isJsonSpace(bytes[first])) {
            first++;
        }
        if (beginsWithMark(bytes, offset, end)) {
            throw NotAnEvent.notJson("a byte order mark stands before the event; an event is one JSON object in UTF-8");
        }
        if (first == end || bytes[first] != '{') {
            throw NotAnEvent.notJson("an event is one JSON object in UTF-8");
        }
        for (int i = offset; i < Math.min(end, offset + 4); i++) {
            if (bytes[i] == 0) {
                throw NotAnEvent.notJson("not JSON: a zero byte");
            }
        }
        if (!isAscii(bytes, offset, end)) {
            try {
                UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
            } catch (CharacterCodingException notUtf8) {
                throw NotAnEvent.notJson("not UTF-8");
            }
        }
    }

    private static boolean beginsWithMark(byte[] bytes, int offset, int end) {
        return end - offset >= 3
                && bytes[offset] == (byte) 0xef
                && bytes[offset + 1] == (byte) 0xbb
                && bytes[offset + 2] == (byte) 0xbf;
    }

    private static boolean isAscii(byte[] bytes, int offset, int end) {
        long highBits = 0;
        int i = offset;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            highBits |= (long) EIGHT_BYTES.get(bytes, i);
        }
        for (; i < end; i++) {
            highBits |= bytes[i];
        }
        return (highBits & NOT_ASCII) == 0;
    }

    private static boolean isJsonSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
