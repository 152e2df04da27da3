package io.hourledger.contracts.instance;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to one instance. Plain JSON values only: these records are kept for years under the stable names of {@link EventType},
 * and each has an approved JSON file. A member is never renamed or given another meaning; a new form gets a new revision.
 *
 * <p>Every event that moves an amount names the amount and where it moves from, so that totals need nothing but the event.
 */
public sealed interface InstanceEvent {

    String instanceId();

    @EventType("instance-opened")
    record InstanceOpened(
            String instanceId,
            String orderId,
            String orderLineId,
            String productId,
            String meter,
            String chargingMode,
            String pricingMode,
            String billingCycle,
            String buyerId,
            boolean test,
            Instant openedAt)
            implements InstanceEvent {}

    @EventType("hour-metered")
    record HourMetered(
            String instanceId,
            Instant hour,
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
            implements InstanceEvent {}

    /**
     * A usage record was built; from now on it is sent as it stands here.
     *
     * @param amount what the marketplace is told, 4 decimals
     * @param carried what is left for the instance's next record
     * @param packageInstanceId the package it is deducted from; null for plain pay per use
     */
    @EventType("usage-record-issued")
    record UsageRecordIssued(
            String instanceId,
            String meteringSn,
            Instant hour,
            int revision,
            Instant begin,
            Instant end,
            BigDecimal amount,
            BigDecimal carried,
            Instant recordTime,
            @Nullable String packageInstanceId)
            implements InstanceEvent {}

    /** An amount that was metered and is not reported, for now or for ever: {@code reason} says why. */
    @EventType("usage-withheld")
    record UsageWithheld(
            String instanceId, Instant hour, int revision, BigDecimal amount, String reason, Instant withheldAt)
            implements InstanceEvent {}

    /**
     * The marketplace accepted a usage record.
     *
     * @param from what the record was before: {@code in-flight}, {@code unknown} …
     */
    @EventType("usage-record-reported")
    record UsageRecordReported(
            String instanceId,
            String meteringSn,
            Instant hour,
            int revision,
            BigDecimal amount,
            String from,
            Instant reportedAt)
            implements InstanceEvent {}

    /** The marketplace refused a usage record for good. */
    @EventType("usage-record-refused")
    record UsageRecordRefused(
            String instanceId,
            String meteringSn,
            Instant hour,
            int revision,
            BigDecimal amount,
            String from,
            String code,
            String detail,
            Instant refusedAt)
            implements InstanceEvent {}

    /** No machine can know whether the marketplace took a usage record. */
    @EventType("usage-record-doubted")
    record UsageRecordDoubted(
            String instanceId,
            String meteringSn,
            Instant hour,
            int revision,
            BigDecimal amount,
            String from,
            String why,
            Instant doubtedAt)
            implements InstanceEvent {}

    /**
     * What was carried for a next record that will never be.
     *
     * @param why such as {@code released}
     */
    @EventType("remainder-written-off")
    record RemainderWrittenOff(String instanceId, BigDecimal amount, String why, Instant writtenOffAt)
            implements InstanceEvent {}

    @EventType("instance-released")
    record InstanceReleased(String instanceId, @Nullable String orderId, Instant releasedAt) implements InstanceEvent {}
}
