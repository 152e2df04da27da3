package io.hourledger.pusher.push;

import java.util.List;

/**
 * A stored attempt: these records, in this order, in one call.
 *
 * @param latestSendNanos the last moment, by {@link System#nanoTime()}, at which it may be sent: inside the lease
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Attempt(long id, List<PendingRecord> records, byte[] body, long latestSendNanos) {

    @Override
    public String toString() {
        return "Attempt[" + id + ", " + records.size() + " records]";
    }
}
