package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.BillableAmount;
import java.math.BigDecimal;

/**
 * What an instance remembers of usage that was withheld.
 *
 * @param amount what is still withheld of it
 * @param reason one of {@link WithholdReason}
 * @param fate where what is no longer withheld has gone
 */
public record WithheldEntry(BigDecimal amount, String reason, Fate fate) {

    public WithheldEntry {
        amount = BillableAmount.canonical(amount);
    }

    /** What became of withheld usage. */
    public enum Fate {
        HELD,
        /** Split at the boundaries of the life: what was billable is billed. */
        RECOUNTED,
        BILLED,
        WRITTEN_OFF
    }
}
