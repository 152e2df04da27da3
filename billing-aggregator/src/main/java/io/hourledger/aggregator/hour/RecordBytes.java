package io.hourledger.aggregator.hour;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reaches the bytes of a record's key or value where they lie, or copies them. */
final class RecordBytes {

    private static final byte[] NO_BYTES = {};

    private RecordBytes() {}

    static int sizeOf(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    static byte @Nullable [] copyOf(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        return copy;
    }

    /** An array that holds the bytes, from {@link #offsetOf} on. */
    static byte[] arrayOf(ByteBuffer buffer) {
        if (!buffer.hasArray()) {
            return Objects.requireNonNullElse(copyOf(buffer), NO_BYTES);
        }
        // read from offsetOf(buffer) on
        @SuppressWarnings("ByteBufferBackingArray")
        byte[] array = buffer.array();
        return array;
    }

    static int offsetOf(ByteBuffer buffer) {
        return buffer.hasArray() ? buffer.arrayOffset() + buffer.position() : 0;
    }
}
