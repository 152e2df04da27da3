package io.hourledger.ledger.instance;

import io.hourledger.contracts.gallery.MeteringSn;
import io.hourledger.contracts.gallery.UsageWindow;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.InstanceReleased;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordDoubted;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordRefused;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReported;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What an instance must know to decide: bounded, whatever its age. A state is only ever made from events; {@link #evolve} never looks at what
 * may have been forgotten, so folding all events gives the state that is kept beside them.
 */
public record InstanceState(String instanceId, Origin origin, Life life, Totals totals, RecentHours recent) {

    /** The state after an instance's first event, remembering as many hours as the state beside the stream does. */
    public static InstanceState opened(InstanceOpened event) {
        return opened(event, RecentHours.KEPT);
    }

    static InstanceState opened(InstanceOpened event, int hoursKept) {
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
                event.instanceId(), origin, Life.from(event.openedAt()), Totals.NOTHING, RecentHours.none(hoursKept));
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
        if (event instanceof UsageWithheld withheld) {
            return with(totals.move(withheld.amount(), Account.CARRIED, Account.WITHHELD));
        }
        if (event instanceof UsageRecordReported reported) {
            return moveRecord(
                    reported.hour(), reported.meteringSn(), reported.amount(), reported.from(), Account.REPORTED);
        }
        if (event instanceof UsageRecordRefused refused) {
            return moveRecord(refused.hour(), refused.meteringSn(), refused.amount(), refused.from(), Account.REFUSED);
        }
        if (event instanceof UsageRecordDoubted doubted) {
            return moveRecord(doubted.hour(), doubted.meteringSn(), doubted.amount(), doubted.from(), Account.UNKNOWN);
        }
        if (event instanceof InstanceReleased released) {
            return new InstanceState(instanceId, origin, life.until(released.releasedAt()), totals, recent);
        }
        if (event instanceof RemainderWrittenOff remainder) {
            return with(totals.move(remainder.amount(), Account.CARRIED, Account.WRITTEN_OFF));
        }
        throw new IllegalStateException("an event that follows no other: " + event);
    }

    /**
     * This state, remembering also what had been forgotten of an hour and of those after it; for one decision, never to be kept.
     *
     * @param from the hour that a command speaks of
     * @param tail the instance's events from before anything happened in that hour
     */
    public InstanceState recalling(UsageHour from, List<InstanceEvent> tail) {
        InstanceState told = new InstanceState(instanceId, origin, life, totals, RecentHours.none(Integer.MAX_VALUE));
        for (InstanceEvent event : tail) {
            if (!(event instanceof InstanceOpened)) {
                told = told.evolve(event);
            }
        }
        return new InstanceState(instanceId, origin, life, totals, recent.widened(from, told.recent));
    }

    private InstanceState with(Totals after) {
        return new InstanceState(instanceId, origin, life, after, recent);
    }

    private InstanceState withHour(Instant hour, UnaryOperator<HourEntry> change) {
        return new InstanceState(instanceId, origin, life, totals, recent.with(new UsageHour(hour), change));
    }

    private InstanceState moveRecord(Instant hour, String meteringSn, BigDecimal amount, String from, Account to) {
        return with(totals.move(amount, Account.labelled(from), to))
                .withHour(hour, entry -> entry.recordNow(new MeteringSn(meteringSn), to));
    }

    private static RecordEntry entry(UsageRecordIssued issued) {
        return new RecordEntry(
                new MeteringSn(issued.meteringSn()),
                issued.revision(),
                new UsageWindow(issued.begin(), issued.end()),
                issued.amount(),
                Account.IN_FLIGHT,
                issued.packageInstanceId());
    }
}
