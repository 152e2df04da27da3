package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The credits that are carried until a record takes them, in the order in which they are taken: oldest first. What is carried is one amount, so
 * these say which usage it takes back. The list may hold more than is carried: no event says which credits a record or later usage without a
 * record has taken. So {@link #outstanding} is what counts.
 */
public record CarriedCredits(List<Credit> credits) {

    /** A credit that finds so many before it is withheld. */
    static final int STORED = 48;

    static final CarriedCredits NONE = new CarriedCredits(List.of());

    public CarriedCredits {
        credits = List.copyOf(credits);
    }

    /**
     * What a later revision of an hour took back.
     *
     * @param product under which the usage was billed; null if a person lets the credit lower the next record, whatever its product
     * @param amount below zero
     */
    public record Credit(UsageHour hour, int revision, @Nullable Product product, BigDecimal amount) {

        public Credit {
            amount = BillableAmount.canonical(amount);
        }

        private boolean joins(Credit other) {
            return Objects.equals(product, other.product)
                    && (product == null || (hour.equals(other.hour) && revision == other.revision));
        }

        private int turnFor(Product ofRecord) {
            if (product == null) {
                return 1;
            }
            return product.equals(ofRecord) ? 0 : 2;
        }

        private Credit of(BigDecimal other) {
            return new Credit(hour, revision, product, other);
        }
    }

    /**
     * What is left of each credit: the first is used up first.
     *
     * @param carried the balance of the account, which holds the credits and the rest that rounding leaves
     */
    CarriedCredits outstanding(BigDecimal carried) {
        BigDecimal open = carried.min(BigDecimal.ZERO);
        List<Credit> left = new ArrayList<>();
        for (Credit credit : credits.reversed()) {
            BigDecimal amount = credit.amount.max(open);
            if (amount.signum() < 0) {
                left.addFirst(credit.of(amount));
                open = open.subtract(amount);
            }
        }
        return new CarriedCredits(left);
    }

    boolean isFull(BigDecimal carried) {
        return outstanding(carried).credits.size() >= STORED;
    }

    /**
     * @param carried the balance of the account before
     */
    CarriedCredits and(Credit fresh, BigDecimal carried) {
        List<Credit> after = new ArrayList<>(outstanding(carried).credits);
        for (int i = 0; i < after.size(); i++) {
            if (after.get(i).joins(fresh)) {
                after.set(i, after.get(i).of(after.get(i).amount.add(fresh.amount)));
                return new CarriedCredits(after);
            }
        }
        after.add(fresh);
        return new CarriedCredits(after);
    }

    /** It is withheld and carried no longer. */
    CarriedCredits without(UsageHour hour, int revision) {
        return new CarriedCredits(credits.stream()
                .filter(credit -> credit.product == null || !credit.hour.equals(hour) || credit.revision != revision)
                .toList());
    }

    /**
     * A record of this product takes its credits first, then what a person let any record take, and none of another product. Whether it took
     * them at all, what is carried afterwards tells: a record of an hour that another system reports takes none of ours.
     */
    CarriedCredits takenFirst(Product product) {
        return new CarriedCredits(credits.stream()
                .sorted(Comparator.comparingInt(credit -> credit.turnFor(product)))
                .toList());
    }
}
