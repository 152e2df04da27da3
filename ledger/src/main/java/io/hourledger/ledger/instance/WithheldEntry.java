package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.marketplace.BillableAmount;
import java.math.BigDecimal;

/**
 * What an instance remembers of usage that was withheld.
 *
 * @param amount what is still withheld of it, in all
 * @param nonBillable what of it a recount found outside the life; it stays when a person bills the rest
 * @param reason one of {@link WithholdReason}
 * @param fate where what is no longer withheld has gone
 */
public record WithheldEntry(BigDecimal amount, BigDecimal nonBillable, String reason, Fate fate) {

    public WithheldEntry {
        amount = BillableAmount.canonical(amount);
        nonBillable = BillableAmount.canonical(nonBillable);
    }

    /** What a person bills first: the rest lies outside the life. */
    BigDecimal billable() {
        return BillableAmount.canonical(amount.subtract(nonBillable));
    }

    boolean isGone() {
        return amount.signum() == 0 && nonBillable.signum() == 0;
    }

    WithheldEntry withMore(BigDecimal more, String because, Fate after) {
        return new WithheldEntry(amount.add(more), nonBillable, because, after);
    }

    /** A second bill of the same changes nothing, so what lies outside is not billed by it either. */
    WithheldEntry afterBilled(WithheldUsageBilled billed) {
        BigDecimal left = billed.nonBillable() ? BigDecimal.ZERO : nonBillable;
        return new WithheldEntry(amount.subtract(billed.amount()), left, reason, Fate.BILLED);
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
