package io.hourledger.client;

import java.io.IOException;
import java.util.List;

/** Where segments lie. */
interface SegmentStore extends AutoCloseable {

    /** A new segment. */
    UsageSegment create() throws IOException;

    /** What processes that are gone have left, if nobody has it yet. */
    List<UsageSegment.Left> takeOver() throws IOException;

    /** Nothing in it waits any more. */
    void release(UsageSegment segment);

    /** What becomes of waiting usage when the process ends. */
    FlushResult.Where where();

    @Override
    void close();
}
