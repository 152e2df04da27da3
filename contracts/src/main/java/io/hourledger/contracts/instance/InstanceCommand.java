package io.hourledger.contracts.instance;

import io.hourledger.contracts.gallery.MeteringSn;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What can be asked of one instance. Every command may be sent again: what was done once is not done twice. */
public sealed interface InstanceCommand {

    InstanceId instanceId();

    /**
     * Open an instance for one product of one order.
     *
     * @param test a debugging call of the marketplace: metered and shown, never billed
     * @param openedAt when the instance began to exist for the marketplace
     */
    record OpenInstance(
            InstanceId instanceId,
            String orderId,
            String orderLineId,
            Product product,
            String buyerId,
            boolean test,
            Instant openedAt)
            implements InstanceCommand {}

    /**
     * Enter what one usage hour came to, once it is closed. One command per hour and revision; hours come in order.
     *
     * @param revision 0 for what was counted before the hour's first cutoff; 1, 2 … for what came later
     * @param meter name of the meter that counted
     * @param amount in the meter's unit, exact; below zero only for a later revision: a credit
     * @param eventCount how many events were counted
     * @param firstEventAt the earliest event time in it
     * @param lastEventAt the latest event time in it
     * @param partition the partition of the usage log in which all these events stand
     * @param firstOffset the offset of the first of them
     * @param lastOffset the offset of the last of them
     * @param catalogueVersion the catalogue they were counted with
     * @param closedAt business time of the close
     */
    record MeterHour(
            InstanceId instanceId,
            UsageHour hour,
            int revision,
            String meter,
            BigDecimal amount,
            long eventCount,
            Instant firstEventAt,
            Instant lastEventAt,
            int partition,
            long firstOffset,
            long lastOffset,
            int catalogueVersion,
            Instant closedAt)
            implements InstanceCommand {}

    /** The marketplace accepted a usage record. */
    record ReportUsageRecord(InstanceId instanceId, MeteringSn meteringSn, Instant reportedAt)
            implements InstanceCommand {}

    /**
     * The marketplace refused a usage record for good.
     *
     * @param code the marketplace's code, as it said it
     * @param detail its message, shortened; empty if it gave none
     */
    record RefuseUsageRecord(
            InstanceId instanceId, MeteringSn meteringSn, String code, String detail, Instant refusedAt)
            implements InstanceCommand {}

    /**
     * No machine can know whether the marketplace took a usage record; a person must settle it.
     *
     * @param why a sentence for that person
     */
    record DoubtUsageRecord(InstanceId instanceId, MeteringSn meteringSn, String why, Instant doubtedAt)
            implements InstanceCommand {}

    /**
     * End an instance.
     *
     * @param orderId the order that ended it; null when it was not unsubscribed by one
     */
    record ReleaseInstance(InstanceId instanceId, @Nullable String orderId, Instant releasedAt)
            implements InstanceCommand {}
}
