package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.BillableAmount;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The packages of an instance, in the order in which they came, which is the order they are drawn down in.
 *
 * @param balances those that still hold something, and the latest of those that do not
 * @param forgotten how many that were used up are no longer here
 */
public record Packages(List<Balance> balances, int forgotten) {

    /** How many are remembered besides those that still hold something. */
    static final int USED_UP_STORED = 5;

    /** Plain pay per use. */
    static final Packages NONE = new Packages(List.of(), 0);

    public Packages {
        balances = List.copyOf(balances);
    }

    /**
     * @param contained what it held when it was bought
     * @param left what it holds now
     * @param noticed whether it is known that usage comes to all it holds
     */
    public record Balance(String packageInstanceId, BigDecimal contained, BigDecimal left, boolean noticed) {
        public Balance {
            contained = BillableAmount.canonical(contained);
            left = BillableAmount.canonical(left);
        }

        static Balance full(String packageInstanceId, BigDecimal amount) {
            return new Balance(packageInstanceId, amount, amount, false);
        }

        /** One of long ago, of which no more is known than that it was used up. */
        static Balance longUsedUp(String packageInstanceId) {
            return new Balance(packageInstanceId, BigDecimal.ZERO, BigDecimal.ZERO, true);
        }

        Balance nowHolding(BigDecimal holds) {
            return new Balance(packageInstanceId, contained, holds, noticed);
        }

        Balance nowNoticed() {
            return new Balance(packageInstanceId, contained, left, true);
        }

        boolean usedUp() {
            return left.signum() == 0;
        }
    }

    /** Whether usage is drawn from packages: from the first one on, for good. */
    public boolean prepaid() {
        return forgotten > 0 || !balances.isEmpty();
    }

    Optional<Balance> find(String packageInstanceId) {
        return balances.stream()
                .filter(balance -> balance.packageInstanceId().equals(packageInstanceId))
                .findFirst();
    }

    /** All that is left. */
    public BigDecimal left() {
        return balances.stream().map(Balance::left).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    Packages with(Balance balance, int usedUpStored) {
        List<Balance> after = new ArrayList<>(balances);
        after.add(balance);
        int forgotNow = 0;
        long usedUp = after.stream().filter(Balance::usedUp).count();
        for (int i = 0; i < after.size() && usedUp > usedUpStored; ) {
            if (after.get(i).usedUp()) {
                after.remove(i);
                usedUp--;
                forgotNow++;
            } else {
                i++;
            }
        }
        return new Packages(after, forgotten + forgotNow);
    }

    /** Nothing changes for a package that is not here. */
    Packages change(String packageInstanceId, UnaryOperator<Balance> change) {
        return new Packages(
                balances.stream()
                        .map(balance ->
                                balance.packageInstanceId().equals(packageInstanceId) ? change.apply(balance) : balance)
                        .toList(),
                forgotten);
    }
}
