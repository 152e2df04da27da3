package io.hourledger.contracts.instance;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.hourledger.contracts.marketplace.UsageWindow;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to one instance. Plain JSON values only: these records are kept for years under the stable names of {@link EventType},
 * and each has an approved JSON file. A member is never renamed or given another meaning; a new form gets a new revision. The JSON is flat:
 * the members of a named value stand beside the others, so that SQL reads each of them by its name.
 *
 * <p>Every event that moves an amount names the amount and where it moves from, so that totals need nothing but the event.
 */
public sealed interface InstanceEvent {

    String instanceId();

    @EventType(value = "instance-opened", revision = 2)
    record InstanceOpened(
            String instanceId,
            @JsonUnwrapped OrderLine order,
            @JsonUnwrapped ProductTerms product,
            String buyerId,
            boolean test,
            Instant openedAt,
            @Nullable String openedBy,
            @Nullable String openedWhy)
            implements InstanceEvent {

        /** One that a buyer has ordered. */
        public InstanceOpened(
                String instanceId,
                OrderLine order,
                ProductTerms product,
                String buyerId,
                boolean test,
                Instant openedAt) {
            this(instanceId, order, product, buyerId, test, openedAt, null, null);
        }
    }

    @EventType("hour-metered")
    record HourMetered(
            String instanceId,
            Instant hour,
            int revision,
            @JsonUnwrapped CountedBy countedBy,
            BigDecimal amount,
            @JsonUnwrapped EventSpan events,
            @JsonUnwrapped LogPosition log,
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
            @JsonUnwrapped RecordRef record,
            @JsonUnwrapped UsageWindow window,
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
            String instanceId, @JsonUnwrapped RecordRef record, BigDecimal amount, String from, Instant reportedAt)
            implements InstanceEvent {}

    /** The marketplace refused a usage record for good. */
    @EventType("usage-record-refused")
    record UsageRecordRefused(
            String instanceId,
            @JsonUnwrapped RecordRef record,
            BigDecimal amount,
            String from,
            String code,
            String detail,
            Instant refusedAt)
            implements InstanceEvent {}

    /** No machine can know whether the marketplace took a usage record. */
    @EventType("usage-record-outcome-unknown")
    record UsageRecordOutcomeUnknown(
            String instanceId,
            @JsonUnwrapped RecordRef record,
            BigDecimal amount,
            String from,
            String why,
            Instant doubtedAt)
            implements InstanceEvent {}

    /**
     * What was carried for a next record that will never be.
     *
     * @param who a person, or null if the instance's end decided it
     */
    @EventType("remainder-written-off")
    record RemainderWrittenOff(
            String instanceId, BigDecimal amount, @Nullable String who, String why, Instant writtenOffAt)
            implements InstanceEvent {}

    @EventType("instance-released")
    record InstanceReleased(String instanceId, @Nullable String orderId, Instant releasedAt) implements InstanceEvent {}

    @EventType("instance-renewed")
    record InstanceRenewed(String instanceId, String orderId, @Nullable Instant expiresAt, Instant renewedAt)
            implements InstanceEvent {}

    @EventType("instance-upgraded")
    record InstanceUpgraded(
            String instanceId,
            String orderId,
            String productId,
            String chargingMode,
            String pricingMode,
            String billingCycle,
            Instant upgradedAt)
            implements InstanceEvent {}

    @EventType("instance-frozen")
    record InstanceFrozen(String instanceId, Instant frozenAt) implements InstanceEvent {}

    @EventType("instance-unfrozen")
    record InstanceUnfrozen(String instanceId, Instant unfrozenAt) implements InstanceEvent {}

    @EventType("instance-expired")
    record InstanceExpired(String instanceId, Instant expiredAt) implements InstanceEvent {}

    @EventType("package-added")
    record PackageAdded(String instanceId, String packageInstanceId, BigDecimal amount, Instant addedAt)
            implements InstanceEvent {}

    @EventType("package-frozen")
    record PackageFrozen(String instanceId, String packageInstanceId, Instant frozenAt) implements InstanceEvent {}

    @EventType("package-unfrozen")
    record PackageUnfrozen(String instanceId, String packageInstanceId, Instant unfrozenAt) implements InstanceEvent {}

    /** The time of a package is over: nothing is drawn from it until it is renewed, whatever becomes of a freeze. */
    @EventType("package-expired")
    record PackageExpired(String instanceId, String packageInstanceId, Instant expiredAt) implements InstanceEvent {}

    /**
     * A package that had expired goes on with what was left in it.
     *
     * @param orderId the order that renewed it
     */
    @EventType("package-renewed")
    record PackageRenewed(String instanceId, String packageInstanceId, String orderId, Instant renewedAt)
            implements InstanceEvent {}

    /**
     * A person took back a package that was added to the wrong instance, before anything was drawn from it.
     *
     * @param amount what it contains
     */
    @EventType("package-withdrawn")
    record PackageWithdrawn(
            String instanceId,
            String packageInstanceId,
            BigDecimal amount,
            @JsonUnwrapped DecidedBy by,
            Instant withdrawnAt)
            implements InstanceEvent {}

    /**
     * A package has ended.
     *
     * @param left what it held then; usage from before the end may still be drawn from it, and the rest is lost to the buyer
     */
    @EventType("package-released")
    record PackageReleased(String instanceId, String packageInstanceId, BigDecimal left, Instant releasedAt)
            implements InstanceEvent {}

    /** The usage that is known, counted or still being counted, comes to all that this package and those before it hold. */
    @EventType("package-use-up-noticed")
    record PackageUseUpNoticed(String instanceId, String packageInstanceId, Instant noticedAt)
            implements InstanceEvent {}

    /**
     * A usage record took its amount from a package.
     *
     * @param left what the package still holds
     */
    @EventType("package-drawn-down")
    record PackageDrawnDown(
            String instanceId,
            String packageInstanceId,
            String meteringSn,
            BigDecimal amount,
            BigDecimal left,
            Instant drawnAt)
            implements InstanceEvent {}

    /**
     * A usage record that took its amount from a package is not billed: it was refused or rejected, and is issued anew or written off. The
     * marketplace has taken nothing, so the package holds the amount again.
     *
     * @param left what the package holds now
     */
    @EventType("package-draw-down-reversed")
    record PackageDrawDownReversed(
            String instanceId,
            String packageInstanceId,
            String meteringSn,
            BigDecimal amount,
            BigDecimal left,
            Instant reversedAt)
            implements InstanceEvent {}

    @EventType("package-used-up")
    record PackageUsedUp(String instanceId, String packageInstanceId, Instant usedUpAt) implements InstanceEvent {}

    /**
     * The usage of a period or of a package has come to a percentage of an amount, as far as it was counted. It changes nothing that is billed.
     *
     * @param percent of the limit
     * @param limit in the meter's unit
     * @param amount what was known when it was noticed
     * @param stop whether the app is asked to stop
     */
    @EventType("threshold-reached")
    record ThresholdReached(
            String instanceId,
            @JsonUnwrapped ThresholdRef threshold,
            int percent,
            BigDecimal limit,
            BigDecimal amount,
            boolean stop,
            Instant reachedAt)
            implements InstanceEvent {}

    /**
     * A held hour was recounted at the boundaries of the life. One event for each part that is due now; its records follow.
     *
     * @param billable what is due now
     * @param withheld what stays withheld, in all
     * @param nonBillable what of it lies outside the life; below zero if the life alone comes to more than the hour
     * @param reason why the rest stays, or {@code outside-life} if there is none; null if nothing stays
     * @param unbilled the parts of the life that stay withheld, in order; null if there are none, or if they were not stored yet
     */
    @EventType("hour-recounted")
    record HourRecounted(
            String instanceId,
            Instant hour,
            int revision,
            BigDecimal billable,
            BigDecimal withheld,
            BigDecimal nonBillable,
            @Nullable String reason,
            @Nullable List<HourPart> unbilled,
            Instant recountedAt)
            implements InstanceEvent {}

    /**
     * A person bills what was withheld; the records follow.
     *
     * @param nonBillable whether it is what a recount found outside the life
     * @param part the part of the hour that it is, if a recount has split the hour by product; else null
     */
    @EventType("withheld-usage-billed")
    record WithheldUsageBilled(
            String instanceId,
            Instant hour,
            int revision,
            BigDecimal amount,
            boolean nonBillable,
            @Nullable HourPart part,
            @JsonUnwrapped DecidedBy by,
            Instant decidedAt)
            implements InstanceEvent {}

    @EventType("withheld-usage-written-off")
    record WithheldUsageWrittenOff(
            String instanceId,
            Instant hour,
            int revision,
            BigDecimal amount,
            @JsonUnwrapped DecidedBy by,
            Instant decidedAt)
            implements InstanceEvent {}

    /**
     * The marketplace rejected later what it had accepted. Revision 1 named nobody, and had {@code why} as {@code detail}.
     *
     * @param code the marketplace's code
     * @param by who entered it, and what they, or the marketplace, said
     */
    @EventType(value = "usage-record-disputed", revision = 2)
    record UsageRecordDisputed(
            String instanceId,
            @JsonUnwrapped RecordRef record,
            BigDecimal amount,
            String from,
            String code,
            @JsonUnwrapped DecidedBy by,
            Instant disputedAt)
            implements InstanceEvent {}

    /**
     * The marketplace's console lists a second copy of a usage record as a duplicate: the first copy stands. No amount moves.
     *
     * @param code the marketplace's code
     * @param by who entered it, and what they or the marketplace said
     */
    @EventType("usage-record-duplicate-listed")
    record UsageRecordDuplicateListed(
            String instanceId,
            @JsonUnwrapped RecordRef record,
            String code,
            @JsonUnwrapped DecidedBy by,
            Instant listedAt)
            implements InstanceEvent {}

    /** The record's amount is due again; the record in another window follows. */
    @EventType("usage-record-reissued")
    record UsageRecordReissued(
            String instanceId,
            @JsonUnwrapped RecordRef record,
            BigDecimal amount,
            String from,
            @JsonUnwrapped DecidedBy by,
            Instant decidedAt)
            implements InstanceEvent {}

    @EventType("usage-record-written-off")
    record UsageRecordWrittenOff(
            String instanceId,
            @JsonUnwrapped RecordRef record,
            BigDecimal amount,
            String from,
            @JsonUnwrapped DecidedBy by,
            Instant decidedAt)
            implements InstanceEvent {}

    /**
     * A person said what became of a record that no machine could know about.
     *
     * @param billed whether the marketplace has it: it counts as reported, else as refused
     */
    @EventType("usage-record-settled")
    record UsageRecordSettled(
            String instanceId,
            @JsonUnwrapped RecordRef record,
            BigDecimal amount,
            String from,
            boolean billed,
            @JsonUnwrapped DecidedBy by,
            Instant decidedAt)
            implements InstanceEvent {}
}
