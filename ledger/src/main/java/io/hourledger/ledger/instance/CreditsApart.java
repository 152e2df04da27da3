package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.CarriedCredits.Credit;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The carried credits that do not lower a charge: those of another product have another price, and those of hours that another system reports
 * take back what that system billed.
 *
 * @param stillCarried their sum, as far as they stay carried for other charges; zero or less
 * @param withheld those that no charge will take any more: a person settles them with the buyer
 */
record CreditsApart(BigDecimal stillCarried, List<UsageWithheld> withheld) {

    private static final CreditsApart NONE = new CreditsApart(BigDecimal.ZERO, List.of());

    /** What must not lower the charge. */
    BigDecimal sum() {
        return withheld.stream().map(UsageWithheld::amount).reduce(stillCarried, BigDecimal::add);
    }

    /**
     * @param amount what the charge is of
     */
    static CreditsApart from(Charge charge, InstanceState state, BigDecimal amount) {
        BigDecimal carried = state.totals().in(Account.CARRIED);
        List<Credit> credits = state.credits().outstanding(carried).credits();
        if (credits.isEmpty()) {
            return NONE;
        }
        Product product = charge.product(state);
        boolean isPresent = product.equals(state.life().products().at(charge.now()));
        Instant start = charge.policy().reportingStart().reportsFrom();
        boolean isOurs = isFrom(start, charge.hour());
        String ofAnotherProduct = isOfAnotherSystem(charge)
                ? WithholdReason.CREDIT_OF_ANOTHER_SYSTEM
                : WithholdReason.CREDIT_OF_ANOTHER_PRODUCT;
        BigDecimal stillCarried = BigDecimal.ZERO;
        List<UsageWithheld> withheld = new ArrayList<>();
        List<Credit> taken = new ArrayList<>();
        for (Credit credit : credits) {
            if (credit.product() == null) {
                // a person let it lower whatever we bill next, and another system bills this charge
                stillCarried = isOurs ? stillCarried : stillCarried.add(credit.amount());
                continue;
            }
            boolean ofSameSystem = isFrom(start, credit.hour()) == isOurs;
            if (!ofSameSystem && isOurs) {
                withheld.add(withheld(charge, state, credit, WithholdReason.CREDIT_OF_ANOTHER_SYSTEM));
            } else if (ofSameSystem && credit.product().equals(product)) {
                taken.add(credit);
            } else if (ofSameSystem && isPresent) {
                withheld.add(withheld(charge, state, credit, ofAnotherProduct));
            } else {
                stillCarried = stillCarried.add(credit.amount());
            }
        }
        CreditsApart apart = new CreditsApart(stillCarried, withheld);
        BigDecimal due = carried.subtract(apart.sum()).add(amount);
        if (!isPresent && amount.signum() > 0 && due.signum() < 0) {
            // no event would say how far late usage of an earlier product has lowered its credits
            taken.forEach(credit -> withheld.add(withheld(charge, state, credit, ofAnotherProduct)));
        }
        return new CreditsApart(stillCarried, List.copyOf(withheld));
    }

    /** Why a credit is not even carried; empty if a later record can take it. */
    static Optional<String> refused(Charge charge, InstanceState state) {
        if (isOfAnotherSystem(charge)) {
            return Optional.of(WithholdReason.CREDIT_OF_ANOTHER_SYSTEM);
        }
        if (!charge.product(state).equals(state.life().products().at(charge.now()))) {
            return Optional.of(WithholdReason.CREDIT_OF_ANOTHER_PRODUCT);
        }
        return state.credits().isFull(state.totals().in(Account.CARRIED))
                ? Optional.of(WithholdReason.TOO_MANY_CREDITS)
                : Optional.empty();
    }

    /** Whether we report by now, and another system reports the hour of the charge. */
    private static boolean isOfAnotherSystem(Charge charge) {
        Instant start = charge.policy().reportingStart().reportsFrom();
        return !isFrom(start, charge.hour()) && !start.isAfter(charge.now());
    }

    static boolean isFrom(Instant start, UsageHour hour) {
        return !hour.start().isBefore(start);
    }

    private static UsageWithheld withheld(Charge charge, InstanceState state, Credit credit, String reason) {
        Instant hour = credit.hour().start();
        return new UsageWithheld(state.instanceId(), hour, credit.revision(), credit.amount(), reason, charge.at());
    }
}
