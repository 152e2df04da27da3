package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.HourPart;
import io.hourledger.contracts.instance.InstanceCommand.AboutHour;
import io.hourledger.contracts.instance.InstanceCommand.BillWithheldUsage;
import io.hourledger.contracts.instance.InstanceCommand.EnterRecount;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffRemainder;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffWithheldUsage;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourRecounted;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageWrittenOff;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.WithheldEntry.Fate;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is withheld waits for a recount or for a person, and leaves once. */
final class WithheldUsageRules {

    private static final String HOUR_NOT_OVER = "hour-not-over";

    private WithheldUsageRules() {}

    /** Splits a mixed hour at the boundaries of the life: what lies inside is billed, the rest stays withheld. */
    static Decision decide(InstanceState state, EnterRecount command, SellerPolicy policy) {
        WithheldEntry entry = withheld(state, command);
        if (entry == null) {
            return nothingWithheld(command);
        }
        if (entry.fate() != Fate.HELD) {
            return new Decision.AlreadyDone();
        }
        if (!entry.reason().equals(WithholdReason.MIXED_HOUR)) {
            return new Decision.Refused("not-a-mixed-hour", "the hour is withheld because of " + entry.reason());
        }
        if (command.recountedAt().isBefore(command.hour().end())) {
            return notOver(command, command.recountedAt());
        }
        Optional<Decision.Refused> mistake = mistakeIn(state, command, entry);
        if (mistake.isPresent()) {
            return mistake.get();
        }
        return new Decision.Done(recounted(state, command, policy));
    }

    private static List<InstanceEvent> recounted(InstanceState state, EnterRecount command, SellerPolicy policy) {
        BigDecimal nonBillable = command.parts().stream()
                .filter(part -> !billable(state, command.hour(), part))
                .map(RecountedPart::amount)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        List<InstanceEvent> events = new ArrayList<>();
        InstanceState now = state;
        String notBilled = null;
        List<HourPart> unbilled = new ArrayList<>();
        for (RecountedPart part : command.parts()) {
            if (part.amount().signum() == 0 || !billable(state, command.hour(), part)) {
                continue;
            }
            Charge.Outcome outcome = charge(now, command, part, policy);
            if (outcome.withheldBecause() != null) {
                notBilled = outcome.withheldBecause();
                unbilled.add(new HourPart(part.from(), part.to(), part.amount()));
                continue;
            }
            List<InstanceEvent> ofPart = new ArrayList<>();
            ofPart.add(recounted(
                    command,
                    reasonOf(now, command),
                    part.amount(),
                    amountOf(now, command).subtract(part.amount()),
                    nonBillable,
                    null,
                    List.of()));
            ofPart.addAll(outcome.events());
            for (InstanceEvent event : ofPart) {
                now = now.evolve(event);
            }
            events.addAll(ofPart);
        }
        if (events.isEmpty() || notBilled != null) {
            events.add(recounted(
                    command,
                    reasonOf(now, command),
                    BigDecimal.ZERO,
                    amountOf(now, command),
                    nonBillable,
                    notBilled,
                    unbilled));
        }
        return events;
    }

    /** What an earlier part was withheld of anew, because packages held less, is in the hour's entry and stays there. */
    private static BigDecimal amountOf(InstanceState now, EnterRecount command) {
        return Objects.requireNonNull(withheld(now, command)).amount();
    }

    private static String reasonOf(InstanceState now, EnterRecount command) {
        return Objects.requireNonNull(withheld(now, command)).reason();
    }

    private static Charge.Outcome charge(
            InstanceState now, EnterRecount command, RecountedPart part, SellerPolicy policy) {
        return new Life.Stretch(part.from(), part.to())
                .window()
                .map(window -> new Charge(command.hour(), command.revision(), window, command.recountedAt(), policy)
                        .of(now, part.amount()))
                .orElseGet(() -> Charge.Outcome.withheld(WithholdReason.NO_WHOLE_SECOND));
    }

    /**
     * @param before why the hour was withheld so far, which holds on for what a part was withheld of anew
     * @param notBilled why a part of the life is not billed; null if each is
     * @param unbilled these parts, so that a person can bill each under its own product
     */
    private static HourRecounted recounted(
            EnterRecount command,
            String before,
            BigDecimal billable,
            BigDecimal left,
            BigDecimal nonBillable,
            @Nullable String notBilled,
            List<HourPart> unbilled) {
        boolean isNothingLeft = left.signum() == 0 && nonBillable.signum() == 0;
        String otherwise = nonBillable.signum() == 0 ? before : WithholdReason.OUTSIDE_LIFE;
        String reason = notBilled == null ? otherwise : notBilled;
        return new HourRecounted(
                command.instanceId().value(),
                command.hour().start(),
                command.revision(),
                billable,
                left,
                nonBillable,
                isNothingLeft && notBilled == null ? null : reason,
                unbilled.isEmpty() ? null : unbilled,
                command.recountedAt());
    }

    private static Optional<Decision.Refused> mistakeIn(
            InstanceState state, EnterRecount command, WithheldEntry entry) {
        BigDecimal sum = command.parts().stream().map(RecountedPart::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
        if (sum.compareTo(entry.amount()) != 0) {
            return Optional.of(new Decision.Refused(
                    "recount-differs",
                    "the parts come to " + sum.toPlainString() + ", withheld are " + entry.amount()));
        }
        Instant last = command.hour().start();
        for (RecountedPart part : command.parts()) {
            boolean inOrder = !part.from().isBefore(last)
                    && part.from().isBefore(part.to())
                    && !part.to().isAfter(command.hour().end());
            if (part.amount().signum() < 0 && command.revision() == 0 && billable(state, command.hour(), part)) {
                return Optional.of(new Decision.Refused(
                        "recount-below-zero", "no first amount of a life is less than nothing: " + part));
            }
            if (!inOrder || straddles(state, command.hour(), part)) {
                return Optional.of(new Decision.Refused(
                        "recount-parts", "each part lies on one side of every boundary, in order: " + part));
            }
            last = part.to();
        }
        return Optional.empty();
    }

    private static boolean billable(InstanceState state, UsageHour hour, RecountedPart part) {
        return state.stretches(hour).stream()
                .anyMatch(stretch ->
                        !part.from().isBefore(stretch.from()) && !part.to().isAfter(stretch.to()));
    }

    private static boolean straddles(InstanceState state, UsageHour hour, RecountedPart part) {
        return !billable(state, hour, part)
                && state.stretches(hour).stream()
                        .anyMatch(stretch -> part.from().isBefore(stretch.to())
                                && stretch.from().isBefore(part.to()));
    }

    /** A person's word stands above the settings that hold, never above what can't be billed at all. */
    static Decision decide(InstanceState state, BillWithheldUsage command, SellerPolicy policy) {
        WithheldEntry entry = withheld(state, command);
        if (entry == null) {
            return nothingWithheld(command);
        }
        if (entry.isGone() || entry.fate() == Fate.BILLED) {
            return gone(entry, Fate.BILLED);
        }
        boolean nonBillable = entry.billable().signum() == 0;
        BigDecimal amount = nonBillable ? entry.nonBillable() : entry.billable();
        Optional<String> never = isCreditOfAnotherSystem(command.hour(), amount, policy)
                ? Optional.of(WithholdReason.CREDIT_OF_ANOTHER_SYSTEM)
                : neverBilled(state, command, entry, nonBillable);
        if (never.isPresent()) {
            return new Decision.Refused("never-billed", "such usage is never billed: " + never.get());
        }
        List<Charge> choice = state.stretches(command.hour()).stream()
                .flatMap(stretch -> stretch.window().stream())
                .map(window -> new Charge(
                        command.hour(), command.revision(), window, command.decidedAt(), policy.forAPerson()))
                .toList();
        if (choice.isEmpty()) {
            return new Decision.Refused("no-billable-window", "no second of " + command.hour() + " was billable");
        }
        if (command.decidedAt().isBefore(command.hour().end())) {
            return notOver(command, command.decidedAt());
        }
        if (amount.signum() < 0) {
            // a person takes the credit as it is, whatever the product: it lowers the next record
            return new Decision.Done(List.of(billed(state, command, amount, nonBillable, null)));
        }
        if (choice.stream().map(charge -> charge.terms(state)).distinct().count() > 1) {
            if (!nonBillable && entry.isSplit()) {
                return billedByPart(state, command, entry, policy);
            }
            return new Decision.Refused(
                    "several-terms",
                    "parts of " + command.hour()
                            + " were under different products or packages, and nobody knows which of"
                            + " them this usage is of; settle it with the buyer, and write it off here");
        }
        Charge.Outcome outcome = Charge.inFirstOf(choice, state, amount);
        String reason = whyNotBilled(outcome);
        if (reason != null) {
            return new Decision.Refused("cannot-be-billed", "it would be withheld again: " + reason);
        }
        List<InstanceEvent> events = new ArrayList<>();
        events.add(billed(state, command, amount, nonBillable, null));
        events.addAll(outcome.events());
        return new Decision.Done(events);
    }

    /**
     * Each part under the product that was in force in it. What cannot be billed stays withheld and can be written off: so does a credit of another
     * product that stands beside usage, since nobody spoke of it.
     */
    private static Decision billedByPart(
            InstanceState state, BillWithheldUsage command, WithheldEntry entry, SellerPolicy policy) {
        List<InstanceEvent> events = new ArrayList<>();
        InstanceState now = state;
        String notBilled = WithholdReason.NO_WHOLE_SECOND;
        boolean areAllCredits =
                entry.parts().stream().allMatch(part -> part.amount().signum() < 0);
        for (HourPart part : entry.parts()) {
            Optional<UsageWindow> window = new Life.Stretch(part.from(), part.to()).window();
            if (window.isEmpty() || isCreditOfAnotherSystem(command.hour(), part.amount(), policy)) {
                continue;
            }
            Charge.Outcome outcome = new Charge(
                            command.hour(), command.revision(), window.get(), command.decidedAt(), policy.forAPerson())
                    .of(now, part.amount());
            boolean isCredit = part.amount().signum() < 0;
            String reason = whyNotBilled(outcome);
            if (reason != null && !areAllCredits) {
                notBilled = reason;
                continue;
            }
            List<InstanceEvent> ofPart = new ArrayList<>();
            ofPart.add(billed(state, command, part.amount(), false, part));
            ofPart.addAll(isCredit ? List.of() : outcome.events());
            for (InstanceEvent event : ofPart) {
                now = now.evolve(event);
            }
            events.addAll(ofPart);
        }
        return events.isEmpty()
                ? new Decision.Refused("cannot-be-billed", "it would be withheld again: " + notBilled)
                : new Decision.Done(events);
    }

    /** Whoever billed the hour gives its credits, whatever they were withheld for: a second one would be given twice. */
    private static boolean isCreditOfAnotherSystem(UsageHour hour, BigDecimal amount, SellerPolicy policy) {
        return amount.signum() < 0
                && !CreditsApart.isFrom(policy.reportingStart().reportsFrom(), hour);
    }

    /** Null if some of it is billed; the rest is withheld again, since packages hold less. */
    private static @Nullable String whyNotBilled(Charge.Outcome outcome) {
        return outcome.withholdsUsage() && !outcome.issuesRecords()
                ? WithholdReason.PACKAGE_USED_UP
                : outcome.withheldBecause();
    }

    private static WithheldUsageBilled billed(
            InstanceState state,
            BillWithheldUsage command,
            BigDecimal amount,
            boolean nonBillable,
            @Nullable HourPart part) {
        return new WithheldUsageBilled(
                state.instanceId(),
                command.hour().start(),
                command.revision(),
                amount,
                nonBillable,
                part,
                command.by(),
                command.decidedAt());
    }

    /**
     * In an hour with a product that is not sold by use, usage may be that product's: what a recount found outside the life, and all that no
     * recount has split.
     */
    private static Optional<String> neverBilled(
            InstanceState state, BillWithheldUsage command, WithheldEntry entry, boolean nonBillable) {
        boolean isNotSplit = entry.reason().equals(WithholdReason.MIXED_HOUR)
                || entry.reason().equals(WithholdReason.OUTSIDE_LIFE);
        if (entry.reason().equals(WithholdReason.CREDIT_OF_ANOTHER_SYSTEM)) {
            return Optional.of(entry.reason());
        }
        boolean ofAnotherProduct = entry.reason().equals(WithholdReason.NOT_PAY_PER_USE)
                || ((nonBillable || isNotSplit) && state.life().isNotAlwaysPayPerUse(command.hour()));
        return ofAnotherProduct
                ? Optional.of(WithholdReason.NOT_PAY_PER_USE)
                : WithholdReason.always(state, command.hour());
    }

    static Decision decide(InstanceState state, WriteOffWithheldUsage command) {
        WithheldEntry entry = withheld(state, command);
        if (entry == null) {
            return nothingWithheld(command);
        }
        if (entry.isGone()) {
            return gone(entry, Fate.WRITTEN_OFF);
        }
        return new Decision.Done(List.of(new WithheldUsageWrittenOff(
                state.instanceId(),
                command.hour().start(),
                command.revision(),
                entry.amount(),
                command.by(),
                command.decidedAt())));
    }

    static Decision decide(InstanceState state, WriteOffRemainder command) {
        if (state.life().releasedAt() == null) {
            return new Decision.Refused("not-released", "what a living instance carries goes into its next record");
        }
        BigDecimal remainder = state.totals().in(Account.CARRIED);
        return remainder.signum() == 0
                ? new Decision.AlreadyDone()
                : new Decision.Done(List.of(new RemainderWrittenOff(
                        state.instanceId(),
                        remainder,
                        command.by().who(),
                        command.by().why(),
                        command.decidedAt())));
    }

    private static @Nullable WithheldEntry withheld(InstanceState state, AboutHour command) {
        return state.recent().entry(command.hour()).withheld().get(command.revision());
    }

    private static Decision nothingWithheld(AboutHour command) {
        return new Decision.Refused(
                "nothing-withheld",
                "nothing of hour " + command.hour() + " revision " + command.revision() + " was ever withheld");
    }

    /** No record is from before the end of its window: the marketplace would take none. */
    private static Decision notOver(AboutHour command, Instant now) {
        return new Decision.Refused(HOUR_NOT_OVER, "hour " + command.hour() + " is not over at " + now);
    }

    private static Decision gone(WithheldEntry entry, Fate asked) {
        return entry.fate() == asked
                ? new Decision.AlreadyDone()
                : new Decision.Refused("withheld-gone-otherwise", "it is not withheld any more: " + entry.fate());
    }
}
