package io.hourledger.client;

/**
 * One recorded usage on its way to the service.
 *
 * @param segment where it is recorded
 * @param place where in the segment
 * @param number its place among all that this client recorded
 * @param id the event's id
 * @param event the whole event, as JSON
 */
record BufferedUsage(UsageSegment segment, int place, long number, String id, String event) {

    /** Of a process that is gone, and so before all that this client recorded. */
    static final long LEFT = 0;
}
