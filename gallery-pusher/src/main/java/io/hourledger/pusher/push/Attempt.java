package io.hourledger.pusher.push;

import java.util.List;

/**
 * A stored attempt: these records, in this order, in one call.
 *
 * @param epoch of the lease under which it was stored
 * @param latestSendNanos the last moment, by {@link System#nanoTime()}, at which it may be sent: inside the lease
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Attempt(long id, long epoch, List<PendingRecord> records, byte[] body, long latestSendNanos) {

    @Override
    public String toString() {
        return "Attempt[" + id + ", " + records.size() + " records]";
    }
}
