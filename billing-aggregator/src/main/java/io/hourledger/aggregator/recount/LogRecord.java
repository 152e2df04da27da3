package io.hourledger.aggregator.recount;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A record of the usage log, with its bytes as they lie there. */
record LogRecord(
        int partition, long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {}
