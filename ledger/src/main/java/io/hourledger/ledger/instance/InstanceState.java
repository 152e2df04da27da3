package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.HourPart;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.HourRecounted;
import io.hourledger.contracts.instance.InstanceEvent.InstanceExpired;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.InstanceReleased;
import io.hourledger.contracts.instance.InstanceEvent.InstanceRenewed;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUpgraded;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawDownReversed;
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawnDown;
import io.hourledger.contracts.instance.InstanceEvent.PackageExpired;
import io.hourledger.contracts.instance.InstanceEvent.PackageFrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageReleased;
import io.hourledger.contracts.instance.InstanceEvent.PackageRenewed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.PackageWithdrawn;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.ThresholdReached;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDisputed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDuplicateListed;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordOutcomeUnknown;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordRefused;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReissued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReported;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordSettled;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageWrittenOff;
import io.hourledger.contracts.instance.RecordRef;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.PackageLife.Stop;
import io.hourledger.ledger.instance.WithheldEntry.Fate;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What an instance must know to decide: bounded, whatever its age. A state is only ever made from events; {@link #evolve} never looks at what
 * may have been forgotten, so folding all events gives the state that is kept beside them.
 *
 * @param laterOrders the latest orders that upgraded it, and those that renewed it, each as a {@link #term}
 * @param thresholds what the app was told of its usage in the latest periods
 */
public record InstanceState(
        String instanceId,
        Origin origin,
        List<String> laterOrders,
        Life life,
        Packages packages,
        Totals totals,
        CarriedCredits credits,
        RecentHours recent,
        ReachedThresholds thresholds) {

    /** How many orders that renewed or upgraded an instance are remembered; the marketplace repeats a call for hours, not for years. */
    static final int ORDERS_STORED = 8;

    public InstanceState {
        laterOrders = List.copyOf(laterOrders);
    }

    /** The state after an instance's first event, remembering as many hours as the state beside the stream does. */
    public static InstanceState opened(InstanceOpened event) {
        return opened(event, RecentHours.STORED);
    }

    static InstanceState opened(InstanceOpened event, int hoursStored) {
        Origin origin =
                new Origin(event.order(), event.product().toProduct(), event.buyerId(), event.test(), event.openedBy());
        return new InstanceState(
                event.instanceId(),
                origin,
                List.of(),
                Life.from(event.openedAt(), event.product().toProduct()),
                Packages.NONE,
                Totals.NOTHING,
                CarriedCredits.NONE,
                RecentHours.none(hoursStored),
                ReachedThresholds.NONE);
    }

    /** The state after one more event; {@code before} is null for an instance that has none. */
    public static InstanceState after(@Nullable InstanceState before, InstanceEvent event) {
        if (event instanceof InstanceOpened opened) {
            return opened(opened);
        }
        if (before == null) {
            throw new IllegalStateException("the first event of an instance opens it: " + event);
        }
        return before.evolve(event);
    }

    /** The state after one more event; the first one is not among them. */
    public InstanceState evolve(InstanceEvent event) {
        return switch (event) {
            case InstanceOpened opened -> throw new IllegalStateException("an event that follows no other: " + opened);
            case HourMetered metered ->
                with(creditsAnd(metered))
                        .with(totals.meter(metered.amount()))
                        .withHour(metered.hour(), hour -> hour.metered(metered.revision(), metered.amount()));
            case UsageRecordIssued issued ->
                with(credits.takenFirst(life.products().at(issued.window().begin())))
                        .with(totals.move(issued.amount(), Account.CARRIED, Account.IN_FLIGHT))
                        .withHour(issued.record().hour(), hour -> hour.issued(entry(issued)));
            case UsageRecordReported reported ->
                moveRecord(reported.record(), reported.amount(), reported.from(), Account.REPORTED);
            case UsageRecordRefused refused ->
                moveRecord(refused.record(), refused.amount(), refused.from(), Account.REFUSED);
            case UsageRecordOutcomeUnknown unknown ->
                moveRecord(unknown.record(), unknown.amount(), unknown.from(), Account.UNKNOWN);
            case UsageRecordDisputed disputed ->
                moveRecord(disputed.record(), disputed.amount(), disputed.from(), Account.DISPUTED);
            case UsageRecordDuplicateListed listed ->
                withHour(
                        listed.record().hour(),
                        hour -> hour.recordNow(
                                new MeteringSn(listed.record().meteringSn()), RecordEntry::nowListedAsDuplicate));
            case UsageRecordReissued reissued ->
                moveRecord(reissued.record(), reissued.amount(), reissued.from(), Account.CARRIED);
            case UsageRecordWrittenOff written ->
                moveRecord(written.record(), written.amount(), written.from(), Account.WRITTEN_OFF);
            case UsageRecordSettled settled ->
                moveRecord(
                        settled.record(),
                        settled.amount(),
                        settled.from(),
                        settled.billed() ? Account.REPORTED : Account.REFUSED);
            case UsageWithheld withheld ->
                with(creditsWithout(withheld))
                        .with(totals.move(withheld.amount(), Account.CARRIED, Account.WITHHELD))
                        .withHour(
                                withheld.hour(),
                                hour -> hour.withheldMore(withheld.revision(), withheld.amount(), withheld.reason()));
            case HourRecounted recounted ->
                with(creditsAnd(recounted))
                        .with(totals.move(recounted.billable(), Account.WITHHELD, Account.CARRIED))
                        .withHour(recounted.hour(), hour -> hour.withheldNow(recounted.revision(), entry(recounted)));
            case WithheldUsageBilled billed ->
                with(creditsAnd(billed))
                        .with(totals.move(billed.amount(), Account.WITHHELD, Account.CARRIED))
                        .withHour(billed.hour(), hour -> hour.withheldBilled(billed));
            case WithheldUsageWrittenOff written ->
                with(totals.move(written.amount(), Account.WITHHELD, Account.WRITTEN_OFF))
                        .withHour(written.hour(), hour -> hour.withheldWrittenOff(written.revision()));
            case RemainderWrittenOff remainder ->
                with(totals.move(remainder.amount(), Account.CARRIED, Account.WRITTEN_OFF));
            case PackageAdded added -> with(packagesAnd(added));
            case PackageUseUpNoticed noticed ->
                with(packages.change(noticed.packageInstanceId(), Packages.Balance::nowNoticed));
            case PackageDrawnDown drawn ->
                with(packages.change(drawn.packageInstanceId(), balance -> balance.nowHolding(drawn.left())));
            case PackageDrawDownReversed reversed ->
                with(packages.change(
                        reversed.packageInstanceId(), balance -> balance.nowHoldingAgain(reversed.left())));
            case PackageUsedUp usedUp ->
                with(packages.change(usedUp.packageInstanceId(), Packages.Balance::nowNoticed));
            case ThresholdReached reached -> with(thresholds.with(reached.threshold(), reached.percent(), packages));
            case PackageFrozen frozen ->
                withPackage(frozen.packageInstanceId(), life -> life.stopped(Stop.FROZEN, frozen.frozenAt()));
            case PackageUnfrozen unfrozen ->
                withPackage(unfrozen.packageInstanceId(), life -> life.resumed(Stop.FROZEN, unfrozen.unfrozenAt()));
            case PackageExpired expired ->
                withPackage(expired.packageInstanceId(), life -> life.stopped(Stop.EXPIRED, expired.expiredAt()));
            case PackageRenewed renewed ->
                withPackage(renewed.packageInstanceId(), life -> life.renewed(renewed.orderId(), renewed.renewedAt()));
            case PackageWithdrawn withdrawn -> with(packages.without(withdrawn.packageInstanceId()));
            case PackageReleased released ->
                withPackage(released.packageInstanceId(), life -> life.released(released.releasedAt()));
            case InstanceFrozen frozen -> with(life.paused(frozen.frozenAt(), WithholdReason.FROZEN));
            case InstanceUnfrozen unfrozen -> with(life.resumed(unfrozen.unfrozenAt(), WithholdReason.FROZEN));
            case InstanceExpired expired -> with(life.paused(expired.expiredAt(), WithholdReason.EXPIRED));
            case InstanceRenewed renewed ->
                with(life.resumed(renewed.renewedAt(), WithholdReason.EXPIRED))
                        .with(origin, ordersAnd(term(renewed.orderId(), renewed.expiresAt())));
            case InstanceUpgraded upgraded -> upgraded(upgraded);
            case InstanceReleased released -> with(life.released(released.releasedAt()));
        };
    }

    /** An hour with two products is withheld until a recount. */
    private CarriedCredits creditsAnd(HourMetered metered) {
        return creditsAnd(metered.hour(), metered.revision(), life.products().at(metered.hour()), metered.amount());
    }

    /** A recount carries credits of the present product alone. */
    private CarriedCredits creditsAnd(HourRecounted recounted) {
        Product product = life.products().at(recounted.recountedAt());
        return creditsAnd(recounted.hour(), recounted.revision(), product, recounted.billable());
    }

    private CarriedCredits creditsAnd(WithheldUsageBilled billed) {
        return creditsAnd(billed.hour(), billed.revision(), null, billed.amount());
    }

    private CarriedCredits creditsAnd(Instant hour, int revision, @Nullable Product product, BigDecimal amount) {
        return amount.signum() < 0
                ? credits.and(
                        new CarriedCredits.Credit(new UsageHour(hour), revision, product, amount),
                        totals.in(Account.CARRIED))
                : credits;
    }

    private CarriedCredits creditsWithout(UsageWithheld withheld) {
        return withheld.amount().signum() < 0
                ? credits.without(new UsageHour(withheld.hour()), withheld.revision())
                : credits;
    }

    private Packages packagesAnd(PackageAdded added) {
        return packages.with(
                Packages.Balance.full(added.packageInstanceId(), added.amount(), added.addedAt()),
                recent.forgets() ? Packages.USED_UP_STORED : Integer.MAX_VALUE);
    }

    private InstanceState upgraded(InstanceUpgraded event) {
        Product product = new Product(
                event.productId(),
                origin.product().meter(),
                ChargingMode.valueOf(event.chargingMode()),
                PricingMode.valueOf(event.pricingMode()),
                BillingCycle.valueOf(event.billingCycle()));
        Origin now = new Origin(origin.order(), product, origin.buyerId(), origin.test(), origin.openedBy());
        return with(now, ordersAnd(event.orderId()))
                .with(credits.outstanding(totals.in(Account.CARRIED)))
                .with(life.upgraded(event.upgradedAt(), product));
    }

    private List<String> ordersAnd(String orderId) {
        if (laterOrders.contains(orderId)) {
            return laterOrders;
        }
        List<String> after = new ArrayList<>(laterOrders);
        after.add(orderId);
        return after.size() > ORDERS_STORED ? after.subList(1, after.size()) : after;
    }

    /**
     * This state, remembering also what had been forgotten of an hour and of those after it; for one decision, never to be kept.
     *
     * @param from the hour that a command speaks of
     * @param told who remembers all events from before anything happened in that hour, see {@link #rememberingAll}
     */
    public InstanceState recalling(UsageHour from, InstanceState told) {
        return with(recent.widened(from, told.recent));
    }

    /** Whoever starts here and is told events remembers all hours of them, and else means nothing. */
    public InstanceState rememberingAll() {
        return with(RecentHours.none(Integer.MAX_VALUE));
    }

    /** After further events of a stream have been told to it. */
    public InstanceState told(List<InstanceEvent> events) {
        InstanceState told = this;
        for (InstanceEvent event : events) {
            if (!(event instanceof InstanceOpened)) {
                told = told.evolve(event);
            }
        }
        return told;
    }

    /** This state, remembering also a package that was used up long ago; for one decision, never to be kept. */
    public InstanceState recallingPackage(String packageInstanceId) {
        return with(packages.recalling(packageInstanceId));
    }

    /** The billable parts of an hour, in order, cut where other packages begin to pay. */
    List<Life.Stretch> stretches(UsageHour hour) {
        return packages.cut(life.stretches(hour));
    }

    /** What one renewal is known by. A renewal that is cancelled comes under the order that renewed, with the term that it leaves. */
    static String term(String orderId, @Nullable Instant expiresAt) {
        return orderId + " until " + expiresAt;
    }

    private InstanceState withPackage(String packageInstanceId, UnaryOperator<PackageLife> change) {
        return with(packages.change(packageInstanceId, balance -> balance.living(change)));
    }

    private InstanceState with(Totals after) {
        return new InstanceState(instanceId, origin, laterOrders, life, packages, after, credits, recent, thresholds);
    }

    private InstanceState with(Life after) {
        return new InstanceState(instanceId, origin, laterOrders, after, packages, totals, credits, recent, thresholds);
    }

    private InstanceState with(Packages after) {
        return new InstanceState(instanceId, origin, laterOrders, life, after, totals, credits, recent, thresholds);
    }

    private InstanceState with(CarriedCredits after) {
        return new InstanceState(instanceId, origin, laterOrders, life, packages, totals, after, recent, thresholds);
    }

    private InstanceState with(RecentHours after) {
        return new InstanceState(instanceId, origin, laterOrders, life, packages, totals, credits, after, thresholds);
    }

    private InstanceState with(ReachedThresholds after) {
        return new InstanceState(instanceId, origin, laterOrders, life, packages, totals, credits, recent, after);
    }

    private InstanceState with(Origin after, List<String> orders) {
        return new InstanceState(instanceId, after, orders, life, packages, totals, credits, recent, thresholds);
    }

    private InstanceState withHour(Instant hour, UnaryOperator<HourEntry> change) {
        return with(recent.with(new UsageHour(hour), change));
    }

    private InstanceState moveRecord(RecordRef record, BigDecimal amount, String from, Account to) {
        return with(totals.move(amount, Account.labelled(from), to))
                .withHour(
                        record.hour(),
                        hour -> hour.recordNow(new MeteringSn(record.meteringSn()), entry -> entry.in(to)));
    }

    private static WithheldEntry entry(HourRecounted recounted) {
        String reason = recounted.reason() == null ? WithholdReason.MIXED_HOUR : recounted.reason();
        List<HourPart> parts = recounted.unbilled() == null ? List.of() : recounted.unbilled();
        return new WithheldEntry(recounted.withheld(), recounted.nonBillable(), reason, parts, Fate.RECOUNTED);
    }

    private static RecordEntry entry(UsageRecordIssued issued) {
        return new RecordEntry(
                new MeteringSn(issued.record().meteringSn()),
                issued.record().revision(),
                issued.window(),
                issued.amount(),
                Account.IN_FLIGHT,
                issued.packageInstanceId(),
                false);
    }
}
