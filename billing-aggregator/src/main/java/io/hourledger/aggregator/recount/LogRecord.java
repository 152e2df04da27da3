package io.hourledger.aggregator.recount;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A record of the usage log, with its bytes as they lie there. */
record LogRecord(
        int partition,
        long offset,
        long timestampMillis,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        Headers headers) {

    /** One without headers. */
    LogRecord(int partition, long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        this(partition, offset, timestampMillis, key, value, name -> null);
    }

    /** The headers of a record. */
    interface Headers {

        /** The last of this name; null if there is none. */
        byte @Nullable [] last(String name);
    }
}
