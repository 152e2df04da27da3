package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.BillableAmount;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The running totals of an instance, kept like a double entry: {@code metered + credits} is always the sum of all accounts.
 *
 * @param metered everything metered that was above zero
 * @param credits everything metered that was below zero, so zero or less
 * @param accounts where it all is now; an account that is missing holds nothing
 */
public record Totals(BigDecimal metered, BigDecimal credits, Map<Account, BigDecimal> accounts) {

    /** Nothing metered yet. */
    public static final Totals NOTHING = new Totals(BigDecimal.ZERO, BigDecimal.ZERO, Map.of());

    public Totals {
        Map<Account, BigDecimal> stored = new EnumMap<>(Account.class);
        accounts.forEach((account, amount) -> {
            if (amount.signum() != 0) {
                stored.put(account, BillableAmount.canonical(amount));
            }
        });
        metered = BillableAmount.canonical(metered);
        credits = BillableAmount.canonical(credits);
        accounts = Collections.unmodifiableMap(stored);
    }

    public BigDecimal in(Account account) {
        return accounts.getOrDefault(account, BigDecimal.ZERO);
    }

    /** What was metered enters as due. */
    Totals meter(BigDecimal amount) {
        Map<Account, BigDecimal> after = copy();
        after.merge(Account.CARRIED, amount, BigDecimal::add);
        return amount.signum() < 0
                ? new Totals(metered, credits.add(amount), after)
                : new Totals(metered.add(amount), credits, after);
    }

    Totals move(BigDecimal amount, Account from, Account to) {
        Map<Account, BigDecimal> after = copy();
        after.merge(from, amount.negate(), BigDecimal::add);
        after.merge(to, amount, BigDecimal::add);
        return new Totals(metered, credits, after);
    }

    /** Whether invariant 3 holds: nothing that was metered has vanished, nothing has come from nowhere. */
    public boolean balanced() {
        BigDecimal held = accounts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        return metered.add(credits).compareTo(held) == 0;
    }

    private Map<Account, BigDecimal> copy() {
        Map<Account, BigDecimal> copy = new EnumMap<>(Account.class);
        copy.putAll(accounts);
        return copy;
    }
}
