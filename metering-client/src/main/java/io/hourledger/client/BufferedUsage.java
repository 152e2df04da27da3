package io.hourledger.client;

/** One recorded usage on its way to the service: where it is recorded, and its bytes. */
final class BufferedUsage {

    /** The number of usage of a process that is gone: before all that this client recorded. */
    static final long LEFT = 0;

    private final UsageSegment segment;
    private final int place;
    private final long number;
    private final byte[] payload;
    private boolean mayBeTaken;

    /**
     * @param place where in the segment
     * @param number its place among all that this client recorded
     * @param mayBeTaken whether a process that is gone may have sent it
     */
    BufferedUsage(UsageSegment segment, int place, long number, byte[] payload, boolean mayBeTaken) {
        this.segment = segment;
        this.place = place;
        this.number = number;
        this.payload = payload;
        this.mayBeTaken = mayBeTaken;
    }

    UsageSegment segment() {
        return segment;
    }

    int place() {
        return place;
    }

    long number() {
        return number;
    }

    /** A request with it has no clear answer. */
    void noteUnclear() {
        mayBeTaken = true;
    }

    /** Whether the service may have it from an earlier request. For the sending thread only. */
    boolean mayBeTaken() {
        return mayBeTaken;
    }

    /** The event's id, which is the same whenever it is asked for. */
    String id() {
        return segment.idAt(place);
    }

    /** The whole event, as JSON. */
    String event() {
        return UsageCodec.event(payload, segment.source(), id());
    }
}
