package io.hourledger.pusher.push;

import io.hourledger.contracts.marketplace.UsageWindow;
import org.jspecify.annotations.Nullable;

/**
 * An issued record that has no outcome yet.
 *
 * @param body its canonical bytes
 * @param arrival whether an attempt before this one may have arrived
 * @param tries attempts so far that ended without an outcome
 * @param groupLimit how many records a call with it may have; null for as many as allowed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record PendingRecord(
        String meteringSn,
        String instanceId,
        UsageWindow window,
        byte[] body,
        DeliveryCertainty arrival,
        int tries,
        @Nullable Integer groupLimit) {

    @Override
    public String toString() {
        return "PendingRecord[" + meteringSn + "]";
    }
}
