package io.hourledger.ledger.instance;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawnDown;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.RecordRef;
import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import io.hourledger.ledger.instance.SellerPolicy.VolumeExtra;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns what is due into usage records: takes in the carry, draws packages down, cuts what is too large, allots windows, carries the rest.
 *
 * @param hour whose usage it is
 * @param stretch the billable part of the hour that the usage lies in, under one product, which says how it is priced
 * @param at business time of what is decided about; the records' time
 * @param now business time of the decision, when the records would be sent
 */
record Charge(UsageHour hour, int revision, UsageWindow stretch, Instant at, Instant now, SellerPolicy policy) {

    /** The marketplace takes no record that begins earlier than this before now. */
    static final Duration MARKETPLACE_REACH = Duration.ofDays(21);

    private static final BigInteger SECONDS_OF_AN_HOUR = BigInteger.valueOf(3600);

    /** Of what is decided about now. */
    Charge(UsageHour hour, int revision, UsageWindow stretch, Instant at, SellerPolicy policy) {
        this(hour, revision, stretch, at, at, policy);
    }

    /** Either the events that bill an amount, or the reason why nothing of it can be billed. */
    record Outcome(List<InstanceEvent> events, @Nullable String withheldBecause) {
        static Outcome billed(List<? extends InstanceEvent> events) {
            return new Outcome(List.copyOf(events), null);
        }

        static Outcome withheld(String reason) {
            return new Outcome(List.of(), reason);
        }

        /** Whether some of the usage is withheld after all, since packages hold less. Credits that are set apart are none of it. */
        boolean withholdsUsage() {
            return events.stream()
                    .anyMatch(event -> event instanceof UsageWithheld withheld
                            && withheld.amount().signum() > 0);
        }

        boolean issuesRecords() {
            return events.stream().anyMatch(UsageRecordIssued.class::isInstance);
        }
    }

    /** Bills in the first of these stretches that has room; if none has, the reason is the last one's. */
    static Outcome inFirstOf(List<Charge> choice, InstanceState state, BigDecimal amount) {
        Outcome outcome = Outcome.withheld(WithholdReason.NO_WHOLE_SECOND);
        for (Charge charge : choice) {
            outcome = charge.of(state, amount);
            if (outcome.withheldBecause() == null) {
                return outcome;
            }
        }
        return outcome;
    }

    /**
     * @param state before the amount becomes due
     * @param amount what becomes due now, besides what is carried
     */
    Outcome of(InstanceState state, BigDecimal amount) {
        CreditsApart apart = CreditsApart.from(this, state, amount);
        BigDecimal due =
                state.totals().in(Account.CARRIED).subtract(apart.sum()).add(amount);
        if (due.signum() < 0) {
            // a credit needs no record: it is taken from the next one, which must be of the same price
            return amount.signum() >= 0
                    ? Outcome.billed(apart.withheld())
                    : CreditsApart.refused(this, state)
                            .map(Outcome::withheld)
                            .orElseGet(() -> Outcome.billed(List.of()));
        }
        ProductHistory products = state.life().products();
        Product product = product(state);
        HourEntry.UsedWindows used = state.recent().entry(hour).usedWindows();
        boolean volume = product.pricingMode() == PricingMode.VOLUME && policy.volumeExtra() == VolumeExtra.HOLD;
        if (volume
                && used.ever().stream()
                        .anyMatch(window -> products.at(window.begin()).equals(product))) {
            return Outcome.withheld(WithholdReason.VOLUME_PRICING);
        }
        if (now.isAfter(stretch.begin().plus(MARKETPLACE_REACH))) {
            return Outcome.withheld(WithholdReason.TOO_OLD);
        }
        BigDecimal billed = BillableAmount.of(due).billed();
        if (AmountCut.count(billed).compareTo(SECONDS_OF_AN_HOUR) > 0) {
            return Outcome.withheld(WithholdReason.NO_WINDOW_LEFT);
        }
        List<Draft> drafts = drafts(state, billed);
        if (volume && drafts.size() > 1) {
            return Outcome.withheld(WithholdReason.VOLUME_PRICING);
        }
        Optional<List<UsageWindow>> windows = drafts.isEmpty()
                ? Optional.of(List.of())
                : WindowAllotment.allot(stretch, used, drafts.size(), policy.lateWindow());
        if (windows.isEmpty()) {
            boolean held = !used.ever().isEmpty() && policy.lateWindow() == LateWindow.HOLD;
            return Outcome.withheld(held ? WithholdReason.LATE_WINDOW : WithholdReason.NO_WINDOW_LEFT);
        }
        List<InstanceEvent> events = new ArrayList<>(apart.withheld());
        events.addAll(events(state, new Due(due, billed, apart.stillCarried()), drafts, windows.get()));
        return Outcome.billed(events);
    }

    /** A record in the making. */
    private record Draft(BigDecimal amount, Packages.@Nullable Balance from) {}

    /** One draft for each package that is touched and for each piece of what one record cannot hold. */
    private List<Draft> drafts(InstanceState state, BigDecimal billed) {
        if (!drawsFromPackages(state)) {
            return drafts(billed, null);
        }
        List<Draft> drafts = new ArrayList<>();
        BigDecimal open = billed;
        for (Packages.Balance balance : state.packages().drawnAt(stretch.begin(), policy.packages())) {
            BigDecimal taken = open.min(balance.left());
            drafts.addAll(drafts(taken, balance));
            open = open.subtract(taken);
        }
        if (policy.packages().billsBeyond(product(state))) {
            drafts.addAll(drafts(open, null));
        }
        return drafts;
    }

    private static List<Draft> drafts(BigDecimal amount, Packages.@Nullable Balance from) {
        return amount.signum() == 0
                ? List.of()
                : AmountCut.pieces(amount).stream()
                        .map(piece -> new Draft(piece, from))
                        .toList();
    }

    private boolean drawsFromPackages(InstanceState state) {
        return state.packages().prepaidAt(stretch.begin()) || policy.packages().isPackageOnly(product(state));
    }

    /** The one in force when it was used. */
    Product product(InstanceState state) {
        return state.life().products().at(stretch.begin());
    }

    /**
     * What is due.
     *
     * @param billed of it, in the decimals of the marketplace
     * @param stillCarried credits that stay carried beside it
     */
    private record Due(BigDecimal amount, BigDecimal billed, BigDecimal stillCarried) {}

    /** Under which product it is billed, and whether packages pay. */
    record Terms(Product product, boolean prepaid) {}

    Terms terms(InstanceState state) {
        return new Terms(product(state), state.packages().prepaidAt(stretch.begin()));
    }

    private List<InstanceEvent> events(InstanceState state, Due due, List<Draft> drafts, List<UsageWindow> windows) {
        List<InstanceEvent> events = new ArrayList<>();
        BigDecimal left = due.amount();
        Packages packages = state.packages();
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            left = left.subtract(draft.amount());
            UsageRecordIssued record = record(state, draft, windows.get(i), left.add(due.stillCarried()));
            events.add(record);
            if (draft.from() != null) {
                String id = draft.from().packageInstanceId();
                BigDecimal holds = packages.find(id).orElseThrow().left().subtract(draft.amount());
                PackageDrawnDown drawn = new PackageDrawnDown(
                        state.instanceId(), id, record.record().meteringSn(), draft.amount(), holds, at);
                packages = packages.change(id, balance -> balance.nowHolding(holds));
                events.add(drawn);
                if (holds.signum() == 0) {
                    events.add(new PackageUsedUp(state.instanceId(), id, at));
                }
            }
        }
        BigDecimal beyondPackages =
                due.billed().subtract(drafts.stream().map(Draft::amount).reduce(BigDecimal.ZERO, BigDecimal::add));
        if (beyondPackages.signum() > 0) {
            String reason = state.packages().prepaidAt(stretch.begin())
                    ? WithholdReason.PACKAGE_USED_UP
                    : WithholdReason.NO_PACKAGE;
            events.add(new UsageWithheld(state.instanceId(), hour.start(), revision, beyondPackages, reason, at));
            left = left.subtract(beyondPackages);
        }
        if (endsWith(state) && left.signum() != 0) {
            events.add(
                    new RemainderWrittenOff(state.instanceId(), BillableAmount.canonical(left), null, "released", at));
        }
        return events;
    }

    private UsageRecordIssued record(InstanceState state, Draft draft, UsageWindow window, BigDecimal carried) {
        return new UsageRecordIssued(
                state.instanceId(),
                new RecordRef(MeteringSn.of(state.instanceId(), window).value(), hour.start(), revision),
                window,
                draft.amount().setScale(BillableAmount.SCALE),
                BillableAmount.canonical(carried),
                at.truncatedTo(SECONDS),
                draft.from() == null ? null : draft.from().packageInstanceId());
    }

    /** An instance that has ended by the end of this hour has no next record to carry anything to. */
    private boolean endsWith(InstanceState state) {
        Instant releasedAt = state.life().releasedAt();
        return releasedAt != null && releasedAt.isBefore(hour.end());
    }
}
