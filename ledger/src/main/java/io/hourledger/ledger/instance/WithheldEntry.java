package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.HourPart;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.marketplace.BillableAmount;
import java.math.BigDecimal;
import java.util.List;

/**
 * What an instance remembers of usage that was withheld.
 *
 * @param amount what is still withheld of it, in all
 * @param nonBillable what of it a recount found outside the life; it stays when a person bills the rest
 * @param reason one of {@link WithholdReason}
 * @param parts in which parts of the hour the billable rest lies, if a recount has said so; else none
 * @param fate where what is no longer withheld has gone
 */
public record WithheldEntry(BigDecimal amount, BigDecimal nonBillable, String reason, List<HourPart> parts, Fate fate) {

    public WithheldEntry {
        amount = BillableAmount.canonical(amount);
        nonBillable = BillableAmount.canonical(nonBillable);
        parts = List.copyOf(parts);
    }

    /** What a person bills first: the rest lies outside the life. */
    BigDecimal billable() {
        return BillableAmount.canonical(amount.subtract(nonBillable));
    }

    /** Whether the parts are all there is to bill. */
    boolean isSplit() {
        return !parts.isEmpty()
                && parts.stream()
                                .map(HourPart::amount)
                                .reduce(BigDecimal.ZERO, BigDecimal::add)
                                .compareTo(billable())
                        == 0;
    }

    boolean isGone() {
        return amount.signum() == 0 && nonBillable.signum() == 0;
    }

    WithheldEntry withMore(BigDecimal more, String because, Fate after) {
        return new WithheldEntry(amount.add(more), nonBillable, because, parts, after);
    }

    /** A second bill of the same changes nothing, so what lies outside is not billed by it either. What is left of the parts can be billed later. */
    WithheldEntry afterBilled(WithheldUsageBilled billed) {
        BigDecimal left = billed.nonBillable() ? BigDecimal.ZERO : nonBillable;
        List<HourPart> rest = partsBut(billed);
        return new WithheldEntry(
                amount.subtract(billed.amount()), left, reason, rest, rest.isEmpty() ? Fate.BILLED : Fate.RECOUNTED);
    }

    /** The parts beside the one that was billed; none if it was no part, or if a credit is among them: no second bill gives it. */
    private List<HourPart> partsBut(WithheldUsageBilled billed) {
        HourPart gone = billed.part();
        List<HourPart> rest = parts.stream()
                .filter(part -> gone == null || !part.from().equals(gone.from()))
                .toList();
        boolean isOneBilled = isSplit() && rest.size() == parts.size() - 1;
        return isOneBilled && rest.stream().allMatch(part -> part.amount().signum() > 0) ? rest : List.of();
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
