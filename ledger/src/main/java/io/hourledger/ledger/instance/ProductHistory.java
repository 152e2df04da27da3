package io.hourledger.ledger.instance;

import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.instance.Life.Stretch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The products of an instance, each from a moment on. Usage is billed as the product says that was in force when it was used, so an upgrade
 * changes nothing of the hours before it.
 *
 * @param periods in their order, at least one; the latest {@value #STORED}. The last one has no end.
 */
public record ProductHistory(List<Period> periods) {

    /** An hour that needs older ones is withheld. */
    static final int STORED = 20;

    public ProductHistory {
        periods = List.copyOf(periods);
    }

    /** A product, and since when it is the instance's. */
    public record Period(Instant from, Product product) {

        boolean isPayPerUse() {
            return product.chargingMode() == ChargingMode.ON_DEMAND;
        }
    }

    public static ProductHistory openedAs(Product product, Instant openedAt) {
        return new ProductHistory(List.of(new Period(openedAt, product)));
    }

    ProductHistory upgraded(Product product, Instant at) {
        List<Period> all = followedBy(product, at).periods;
        return new ProductHistory(all.size() > STORED ? all.subList(all.size() - STORED, all.size()) : all);
    }

    /**
     * With an upgrade, and with all periods before it, for who folds a whole stream. An upgrade to the same terms is no boundary. What comes
     * out of order counts from the latest change on.
     */
    public ProductHistory followedBy(Product product, Instant at) {
        Period last = periods.getLast();
        if (product.equals(last.product())) {
            return this;
        }
        List<Period> after = new ArrayList<>(periods);
        if (at.isAfter(last.from())) {
            after.add(new Period(at, product));
        } else {
            after.set(after.size() - 1, new Period(last.from(), product));
        }
        return new ProductHistory(after);
    }

    /** From this moment on all is known. */
    Instant knownFrom() {
        return periods.getFirst().from();
    }

    /** The product in force at a moment; before all that is known, the first one. */
    public Product at(Instant moment) {
        return periodOf(moment).product();
    }

    boolean isPayPerUseAt(Instant moment) {
        return periodOf(moment).isPayPerUse();
    }

    private Period periodOf(Instant moment) {
        Period found = periods.getFirst();
        for (Period period : periods) {
            if (!period.from().isAfter(moment)) {
                found = period;
            }
        }
        return found;
    }

    /** The parts of {@code [from, to)} in which usage is sold by use, in order, each under one product. */
    List<Stretch> payPerUse(Instant from, Instant to) {
        List<Stretch> parts = new ArrayList<>();
        for (int i = 0; i < periods.size(); i++) {
            Instant begin = i == 0 ? from : Life.latest(from, periods.get(i).from());
            Instant end = i + 1 < periods.size()
                    ? Life.earliest(to, periods.get(i + 1).from())
                    : to;
            if (periods.get(i).isPayPerUse() && begin.isBefore(end)) {
                parts.add(new Stretch(begin, end));
            }
        }
        return parts;
    }
}
