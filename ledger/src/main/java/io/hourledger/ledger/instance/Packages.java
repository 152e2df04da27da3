package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.ledger.instance.Life.Stretch;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The packages of an instance, in the order in which they came.
 *
 * @param balances those that still hold something, and the latest of those that do not
 * @param forgotten how many are no longer here
 * @param prepaidSince when the first of all packages was opened: usage from then on is drawn from packages; null if there was none
 */
public record Packages(List<Balance> balances, int forgotten, @Nullable Instant prepaidSince) {

    /** How many that are used up are remembered besides those that still hold something: a record of theirs may be refused, and reissued. */
    static final int USED_UP_STORED = 20;

    /** How many that ended with something left are remembered, for usage that comes late. */
    static final int RELEASED_STORED = 20;

    /** Plain pay per use. */
    static final Packages NONE = new Packages(List.of(), 0, null);

    public Packages {
        balances = List.copyOf(balances);
    }

    /**
     * @param contained what it held when it was bought
     * @param left what it holds now
     * @param noticed whether it is known that usage comes to all it holds
     * @param life when usage can be drawn from it
     */
    public record Balance(
            String packageInstanceId, BigDecimal contained, BigDecimal left, boolean noticed, PackageLife life) {
        public Balance {
            contained = BillableAmount.canonical(contained);
            left = BillableAmount.canonical(left);
        }

        static Balance full(String packageInstanceId, BigDecimal amount, Instant openedAt) {
            return new Balance(packageInstanceId, amount, amount, false, PackageLife.from(openedAt));
        }

        /** One of long ago, of which no more is known than that it is over. */
        static Balance longOver(String packageInstanceId) {
            return new Balance(packageInstanceId, BigDecimal.ZERO, BigDecimal.ZERO, true, PackageLife.over());
        }

        Balance nowHolding(BigDecimal holds) {
            return new Balance(packageInstanceId, contained, holds, noticed, life);
        }

        /** More than before, so that its end is still to be noticed. */
        Balance nowHoldingAgain(BigDecimal holds) {
            return new Balance(packageInstanceId, contained, holds, false, life);
        }

        Balance nowNoticed() {
            return new Balance(packageInstanceId, contained, left, true, life);
        }

        Balance living(UnaryOperator<PackageLife> change) {
            return new Balance(packageInstanceId, contained, left, noticed, change.apply(life));
        }

        boolean usedUp() {
            return left.signum() == 0;
        }

        boolean endedWithARest() {
            return life.isReleased() && !usedUp();
        }

        /** What was drawn from it. */
        public BigDecimal used() {
            return contained.subtract(left);
        }
    }

    /** Whether usage is drawn from packages: from the first one on, for good. */
    public boolean prepaid() {
        return prepaidSince != null;
    }

    /** Whether usage of that moment is drawn from packages. */
    public boolean prepaidAt(Instant moment) {
        return prepaidSince != null && !moment.isBefore(prepaidSince);
    }

    /** One that is remembered. */
    public Optional<Balance> find(String packageInstanceId) {
        return balances.stream()
                .filter(balance -> balance.packageInstanceId().equals(packageInstanceId))
                .findFirst();
    }

    /** All that is left in those that live. */
    public BigDecimal left() {
        return balances.stream()
                .filter(balance -> !balance.life().isReleased())
                .map(Balance::left)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** The packages that usage of a moment is drawn from, the first one first. */
    public List<Balance> drawnAt(Instant moment, PackagePolicy policy) {
        Predicate<PackageLife> pays =
                switch (policy.coverage()) {
                    case FROM_ITS_OPENING -> life -> life.covers(moment);
                    case ANY_TIME -> life -> life.covers(moment) || !(life.isReleased() || life.isStopped());
                    case DRAWN_ANEW -> life -> !life.isStopped() && (life.covers(moment) || !life.isReleased());
                };
        return balances.stream()
                .filter(balance -> !balance.usedUp() && pays.test(balance.life()))
                .sorted(policy.order().comparator())
                .toList();
    }

    /** These stretches, cut where other packages begin to pay. A package that holds nothing changes nothing. */
    public List<Stretch> cut(List<Stretch> stretches) {
        SortedSet<Instant> boundaries = new TreeSet<>();
        if (prepaidSince != null) {
            boundaries.add(prepaidSince);
        }
        for (Balance balance : balances) {
            if (!balance.usedUp()) {
                boundaries.addAll(balance.life().boundaries());
            }
        }
        List<Stretch> cut = new ArrayList<>();
        for (Stretch stretch : stretches) {
            Instant from = stretch.from();
            for (Instant boundary : boundaries) {
                if (from.isBefore(boundary) && boundary.isBefore(stretch.to())) {
                    cut.add(new Stretch(from, boundary));
                    from = boundary;
                }
            }
            cut.add(new Stretch(from, stretch.to()));
        }
        return List.copyOf(cut);
    }

    Packages with(Balance balance, int usedUpStored) {
        Instant openedAt = balance.life().openedAt();
        Instant since = prepaidSince == null || openedAt.isBefore(prepaidSince) ? openedAt : prepaidSince;
        List<Balance> after = new ArrayList<>(balances);
        after.add(balance);
        return new Packages(after, forgotten, since).forgetting(usedUpStored);
    }

    /** As if it had never been added. */
    Packages without(String packageInstanceId) {
        List<Balance> after = balances.stream()
                .filter(balance -> !balance.packageInstanceId().equals(packageInstanceId))
                .toList();
        Instant since = forgotten > 0
                ? prepaidSince
                : after.stream()
                        .map(balance -> balance.life().openedAt())
                        .min(Comparator.naturalOrder())
                        .orElse(null);
        return new Packages(after, forgotten, since);
    }

    /** Besides what is here, one of long ago; for one decision. */
    Packages recalling(String packageInstanceId) {
        List<Balance> after = new ArrayList<>(balances);
        after.add(Balance.longOver(packageInstanceId));
        return new Packages(after, forgotten, prepaidSince);
    }

    private Packages forgetting(int usedUpStored) {
        List<Balance> after = new ArrayList<>(balances);
        int forgot = forgetFirst(after, Balance::usedUp, usedUpStored)
                + forgetFirst(after, Balance::endedWithARest, RELEASED_STORED);
        return new Packages(after, forgotten + forgot, prepaidSince);
    }

    private static int forgetFirst(List<Balance> balances, Predicate<Balance> kind, int stored) {
        long surplus = balances.stream().filter(kind).count() - stored;
        int forgot = 0;
        for (int i = 0; i < balances.size() && forgot < surplus; ) {
            if (kind.test(balances.get(i))) {
                balances.remove(i);
                forgot++;
            } else {
                i++;
            }
        }
        return forgot;
    }

    /** Nothing changes for a package that is not here. */
    Packages change(String packageInstanceId, UnaryOperator<Balance> change) {
        return new Packages(
                balances.stream()
                        .map(balance ->
                                balance.packageInstanceId().equals(packageInstanceId) ? change.apply(balance) : balance)
                        .toList(),
                forgotten,
                prepaidSince);
    }
}
