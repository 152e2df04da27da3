package io.hourledger.ledger.instance;

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
import io.hourledger.contracts.instance.InstanceEvent.PackageDrawnDown;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
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
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.UsageHour;
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
 * @param laterOrders the latest orders that renewed or upgraded it
 */
public record InstanceState(
        String instanceId,
        Origin origin,
        List<String> laterOrders,
        Life life,
        Packages packages,
        Totals totals,
        RecentHours recent) {

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
        Origin origin = new Origin(
                event.orderId(),
                event.orderLineId(),
                event.productId(),
                event.meter(),
                ChargingMode.valueOf(event.chargingMode()),
                PricingMode.valueOf(event.pricingMode()),
                BillingCycle.valueOf(event.billingCycle()),
                event.buyerId(),
                event.test());
        return new InstanceState(
                event.instanceId(),
                origin,
                List.of(),
                Life.from(event.openedAt()),
                Packages.NONE,
                Totals.NOTHING,
                RecentHours.none(hoursStored));
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

    /** The state after one more event. */
    public InstanceState evolve(InstanceEvent event) {
        if (event instanceof HourMetered metered) {
            return with(totals.meter(metered.amount()))
                    .withHour(metered.hour(), hour -> hour.metered(metered.revision(), metered.amount()));
        }
        if (event instanceof UsageRecordIssued issued) {
            return with(totals.move(issued.amount(), Account.CARRIED, Account.IN_FLIGHT))
                    .withHour(issued.hour(), hour -> hour.issued(entry(issued)));
        }
        if (event instanceof UsageRecordReported reported) {
            return moveRecord(
                    reported.hour(), reported.meteringSn(), reported.amount(), reported.from(), Account.REPORTED);
        }
        return evolveWithheld(event);
    }

    private InstanceState evolveWithheld(InstanceEvent event) {
        if (event instanceof UsageWithheld withheld) {
            return with(totals.move(withheld.amount(), Account.CARRIED, Account.WITHHELD))
                    .withHour(
                            withheld.hour(),
                            hour -> hour.withheldMore(withheld.revision(), withheld.amount(), withheld.reason()));
        }
        if (event instanceof HourRecounted recounted) {
            String reason = recounted.reason() == null ? WithholdReason.MIXED_HOUR : recounted.reason();
            return with(totals.move(recounted.billable(), Account.WITHHELD, Account.CARRIED))
                    .withHour(
                            recounted.hour(),
                            hour -> hour.withheldNow(
                                    recounted.revision(),
                                    new WithheldEntry(recounted.withheld(), reason, Fate.RECOUNTED)));
        }
        if (event instanceof WithheldUsageBilled billed) {
            return with(totals.move(billed.amount(), Account.WITHHELD, Account.CARRIED))
                    .withHour(billed.hour(), hour -> hour.withheldGone(billed.revision(), Fate.BILLED));
        }
        if (event instanceof WithheldUsageWrittenOff writtenOff) {
            return with(totals.move(writtenOff.amount(), Account.WITHHELD, Account.WRITTEN_OFF))
                    .withHour(writtenOff.hour(), hour -> hour.withheldGone(writtenOff.revision(), Fate.WRITTEN_OFF));
        }
        if (event instanceof RemainderWrittenOff remainder) {
            return with(totals.move(remainder.amount(), Account.CARRIED, Account.WRITTEN_OFF));
        }
        return evolveRecord(event);
    }

    private InstanceState evolveRecord(InstanceEvent event) {
        if (event instanceof UsageRecordRefused refused) {
            return moveRecord(refused.hour(), refused.meteringSn(), refused.amount(), refused.from(), Account.REFUSED);
        }
        if (event instanceof UsageRecordOutcomeUnknown doubted) {
            return moveRecord(doubted.hour(), doubted.meteringSn(), doubted.amount(), doubted.from(), Account.UNKNOWN);
        }
        if (event instanceof UsageRecordDisputed disputed) {
            return moveRecord(
                    disputed.hour(), disputed.meteringSn(), disputed.amount(), disputed.from(), Account.DISPUTED);
        }
        if (event instanceof UsageRecordDuplicateListed listed) {
            return withHour(
                    listed.hour(),
                    entry -> entry.recordNow(new MeteringSn(listed.meteringSn()), RecordEntry::nowListedAsDuplicate));
        }
        if (event instanceof UsageRecordReissued reissued) {
            return moveRecord(
                    reissued.hour(), reissued.meteringSn(), reissued.amount(), reissued.from(), Account.CARRIED);
        }
        if (event instanceof UsageRecordWrittenOff writtenOff) {
            return moveRecord(
                    writtenOff.hour(),
                    writtenOff.meteringSn(),
                    writtenOff.amount(),
                    writtenOff.from(),
                    Account.WRITTEN_OFF);
        }
        if (event instanceof UsageRecordSettled settled) {
            Account to = settled.billed() ? Account.REPORTED : Account.REFUSED;
            return moveRecord(settled.hour(), settled.meteringSn(), settled.amount(), settled.from(), to);
        }
        return evolvePackages(event);
    }

    private InstanceState evolvePackages(InstanceEvent event) {
        if (event instanceof PackageAdded added) {
            return with(packages.with(
                    new Packages.Balance(added.packageInstanceId(), added.amount(), added.amount(), false),
                    recent.forgets() ? Packages.USED_UP_STORED : Integer.MAX_VALUE));
        }
        if (event instanceof PackageUseUpNoticed noticed) {
            return with(packages.change(noticed.packageInstanceId(), Packages.Balance::nowNoticed));
        }
        if (event instanceof PackageDrawnDown drawn) {
            return with(packages.change(drawn.packageInstanceId(), balance -> balance.nowHolding(drawn.left())));
        }
        if (event instanceof PackageUsedUp usedUp) {
            return with(packages.change(usedUp.packageInstanceId(), Packages.Balance::nowNoticed));
        }
        return evolveLife(event);
    }

    private InstanceState evolveLife(InstanceEvent event) {
        if (event instanceof InstanceFrozen frozen) {
            return with(life.paused(frozen.frozenAt(), WithholdReason.FROZEN));
        }
        if (event instanceof InstanceUnfrozen unfrozen) {
            return with(life.resumed(unfrozen.unfrozenAt(), WithholdReason.FROZEN));
        }
        if (event instanceof InstanceExpired expired) {
            return with(life.paused(expired.expiredAt(), WithholdReason.EXPIRED));
        }
        if (event instanceof InstanceRenewed renewed) {
            return with(life.resumed(renewed.renewedAt(), WithholdReason.EXPIRED))
                    .with(origin, ordersAnd(renewed.orderId()));
        }
        if (event instanceof InstanceUpgraded upgraded) {
            return with(upgradedTo(upgraded), ordersAnd(upgraded.orderId()));
        }
        if (event instanceof InstanceReleased released) {
            return with(life.released(released.releasedAt()));
        }
        throw new IllegalStateException("an event that follows no other: " + event);
    }

    private Origin upgradedTo(InstanceUpgraded event) {
        return new Origin(
                origin.orderId(),
                origin.orderLineId(),
                event.productId(),
                origin.meter(),
                ChargingMode.valueOf(event.chargingMode()),
                PricingMode.valueOf(event.pricingMode()),
                BillingCycle.valueOf(event.billingCycle()),
                origin.buyerId(),
                origin.test());
    }

    private List<String> ordersAnd(String orderId) {
        List<String> after = new ArrayList<>(laterOrders);
        after.add(orderId);
        return after.size() > ORDERS_STORED ? after.subList(1, after.size()) : after;
    }

    /**
     * This state, remembering also what had been forgotten of an hour and of those after it; for one decision, never to be kept.
     *
     * @param from the hour that a command speaks of
     * @param tail the instance's events from before anything happened in that hour
     */
    public InstanceState recalling(UsageHour from, List<InstanceEvent> tail) {
        InstanceState told = with(RecentHours.none(Integer.MAX_VALUE));
        for (InstanceEvent event : tail) {
            if (!(event instanceof InstanceOpened)) {
                told = told.evolve(event);
            }
        }
        return with(recent.widened(from, told.recent));
    }

    /** This state, remembering also a package that was used up long ago; for one decision, never to be kept. */
    public InstanceState recallingPackage(String packageInstanceId) {
        return with(packages.with(
                new Packages.Balance(packageInstanceId, BigDecimal.ZERO, BigDecimal.ZERO, true), Integer.MAX_VALUE));
    }

    private InstanceState with(Totals after) {
        return new InstanceState(instanceId, origin, laterOrders, life, packages, after, recent);
    }

    private InstanceState with(Life after) {
        return new InstanceState(instanceId, origin, laterOrders, after, packages, totals, recent);
    }

    private InstanceState with(Packages after) {
        return new InstanceState(instanceId, origin, laterOrders, life, after, totals, recent);
    }

    private InstanceState with(RecentHours after) {
        return new InstanceState(instanceId, origin, laterOrders, life, packages, totals, after);
    }

    private InstanceState with(Origin after, List<String> orders) {
        return new InstanceState(instanceId, after, orders, life, packages, totals, recent);
    }

    private InstanceState withHour(Instant hour, UnaryOperator<HourEntry> change) {
        return with(recent.with(new UsageHour(hour), change));
    }

    private InstanceState moveRecord(Instant hour, String meteringSn, BigDecimal amount, String from, Account to) {
        return with(totals.move(amount, Account.labelled(from), to))
                .withHour(hour, entry -> entry.recordNow(new MeteringSn(meteringSn), record -> record.in(to)));
    }

    private static RecordEntry entry(UsageRecordIssued issued) {
        return new RecordEntry(
                new MeteringSn(issued.meteringSn()),
                issued.revision(),
                new UsageWindow(issued.begin(), issued.end()),
                issued.amount(),
                Account.IN_FLIGHT,
                issued.packageInstanceId(),
                false);
    }
}
