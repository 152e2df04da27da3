package io.hourledger.pusher.marketplace;

import io.hourledger.contracts.marketplace.UsageWindow;
import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a record says, read from its bytes.
 *
 * @param bytes as they stood in the call
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
public record SentRecord(
        String meteringSn,
        String instanceId,
        UsageWindow window,
        BigDecimal amount,
        @Nullable String packageInstanceId,
        byte[] bytes) {

    /** Whether the marketplace is told the same by both; when they were made does not matter. */
    public boolean saysTheSameAs(SentRecord other) {
        return meteringSn.equals(other.meteringSn)
                && instanceId.equals(other.instanceId)
                && window.equals(other.window)
                && amount.compareTo(other.amount) == 0
                && Objects.equals(packageInstanceId, other.packageInstanceId);
    }
}
