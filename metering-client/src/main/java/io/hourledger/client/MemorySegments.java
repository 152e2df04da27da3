package io.hourledger.client;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** Segments on the heap; they end with the process. */
final class MemorySegments implements SegmentStore {

    private final String source;
    private final int segmentBytes;

    MemorySegments(String source, int segmentBytes) {
        this.source = source;
        this.segmentBytes = segmentBytes;
    }

    @Override
    public UsageSegment create() {
        return UsageSegment.create(ByteBuffer.allocate(segmentBytes), UUID.randomUUID(), source);
    }

    @Override
    public List<UsageSegment.Left> takeOver() {
        return List.of();
    }

    @Override
    public void release(UsageSegment segment) {
        // the collector does it
    }

    @Override
    public FlushResult.Where where() {
        return FlushResult.Where.MEMORY;
    }

    @Override
    public void close() {
        // nothing to let go of
    }
}
