package io.hourledger.pusher.push;

import io.hourledger.contracts.marketplace.UsageWindow;
import org.jspecify.annotations.Nullable;

/**
 * An issued record that has no outcome yet.
 *
 * @param body its canonical bytes
 * @param arrival whether an attempt before this one may have arrived
 * @param tries attempts so far that ended without an outcome
 * @param part whether it is a part of a call that was refused, or was too much for the marketplace
 * @param suspectSet the refused call whose record at fault is among those that still have this number; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record PendingRecord(
        String meteringSn,
        String instanceId,
        UsageWindow window,
        byte[] body,
        DeliveryCertainty arrival,
        int tries,
        boolean part,
        @Nullable Long suspectSet) {

    @Override
    public String toString() {
        return "PendingRecord[" + meteringSn + "]";
    }
}
