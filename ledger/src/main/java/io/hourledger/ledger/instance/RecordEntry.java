package io.hourledger.ledger.instance;

import io.hourledger.contracts.gallery.MeteringSn;
import io.hourledger.contracts.gallery.UsageWindow;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What an instance remembers of one usage record. */
public record RecordEntry(
        MeteringSn meteringSn,
        int revision,
        UsageWindow window,
        BigDecimal amount,
        Account state,
        @Nullable String packageInstanceId) {

    RecordEntry in(Account next) {
        return new RecordEntry(meteringSn, revision, window, amount, next, packageInstanceId);
    }
}
