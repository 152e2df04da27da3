package io.hourledger.ledger.instance;

import io.hourledger.contracts.usage.Product;
import java.util.Comparator;
import java.util.Set;

/**
 * What a seller account has settled about packages that stop when they are used up, where the marketplace's documents leave a choice.
 *
 * @param order which of several packages usage is drawn from first
 * @param beyond what becomes of usage that no package holds
 * @param coverage which packages may pay for usage
 * @param packageOnly pay-per-use products whose usage is never billed without a package, not even from before the first one
 */
public record PackagePolicy(Order order, Beyond beyond, Coverage coverage, Set<String> packageOnly) {

    /** What a new account starts with. */
    public static final PackagePolicy CAUTIOUS =
            new PackagePolicy(Order.OLDEST_FIRST, Beyond.WITHHOLD, Coverage.FROM_ITS_OPENING, Set.of());

    public PackagePolicy {
        packageOnly = Set.copyOf(packageOnly);
    }

    /** A person may let a package pay for usage from before its opening, and never the unit price for usage of the time of packages. */
    PackagePolicy forAPerson() {
        return new PackagePolicy(order, Beyond.WITHHOLD, Coverage.ANY_TIME, packageOnly);
    }

    /** For what was drawn from a package: a person may let another package pay for it, and never the unit price. */
    PackagePolicy forPrepaidUsage() {
        return new PackagePolicy(order, Beyond.WITHHOLD, Coverage.DRAWN_ANEW, packageOnly);
    }

    /** Whether usage under such a product that no package holds is billed by the unit price. */
    boolean billsBeyond(Product product) {
        return beyond == Beyond.BILL && !isPackageOnly(product);
    }

    /** Whether such usage is drawn from packages alone, whenever it was used: what was drawn from one once always is. */
    boolean isPackageOnly(Product product) {
        return coverage == Coverage.DRAWN_ANEW || packageOnly.contains(product.productId());
    }

    /** The order in which usage is drawn from packages. */
    public enum Order {
        OLDEST_FIRST,
        NEWEST_FIRST;

        Comparator<Packages.Balance> comparator() {
            Comparator<Packages.Balance> byOpening =
                    Comparator.comparing(balance -> balance.life().openedAt());
            return switch (this) {
                case OLDEST_FIRST -> byOpening;
                case NEWEST_FIRST -> byOpening.reversed();
            };
        }
    }

    /** Usage beyond what the packages hold. */
    public enum Beyond {
        /** It is withheld for a person: the service should have stopped. */
        WITHHOLD,
        /** It is billed by the unit price, in records that name no package. */
        BILL
    }

    /** Which packages may pay for usage. */
    public enum Coverage {
        /** Those that could be drawn from when it was used. */
        FROM_ITS_OPENING,
        /** These, and those that live and are not stopped now. */
        ANY_TIME,
        /**
         * For what was drawn from a package and refused: those that live and are not stopped now, and those that have ended, for usage of their
         * own time. The marketplace refuses a record of one that is stopped.
         */
        DRAWN_ANEW
    }
}
