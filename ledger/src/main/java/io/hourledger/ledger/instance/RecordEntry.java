package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What an instance remembers of one usage record.
 *
 * @param duplicateListed whether the last word on it is that the marketplace has a second copy, so that the first one stands
 */
public record RecordEntry(
        MeteringSn meteringSn,
        int revision,
        UsageWindow window,
        BigDecimal amount,
        Account state,
        @Nullable String packageInstanceId,
        boolean duplicateListed) {

    RecordEntry in(Account next) {
        return new RecordEntry(
                meteringSn,
                revision,
                window,
                amount,
                next,
                packageInstanceId,
                duplicateListed && next != Account.DISPUTED);
    }

    /** Whether the marketplace certainly has no bill of it: it was refused, or rejected later, and no second copy of it stands. */
    boolean isVoid() {
        return !duplicateListed && (state == Account.REFUSED || state == Account.DISPUTED || state == Account.CARRIED);
    }

    RecordEntry nowListedAsDuplicate() {
        return new RecordEntry(meteringSn, revision, window, amount, state, packageInstanceId, true);
    }
}
