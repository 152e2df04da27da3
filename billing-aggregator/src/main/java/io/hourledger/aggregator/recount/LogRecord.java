package io.hourledger.aggregator.recount;

import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
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
        this(partition, offset, timestampMillis, key, value, new RecordHeaders());
    }
}
