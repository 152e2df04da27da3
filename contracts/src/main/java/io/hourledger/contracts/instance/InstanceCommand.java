package io.hourledger.contracts.instance;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be asked of one instance. Every command may be sent again: what was done once is not done twice. */
public sealed interface InstanceCommand {

    InstanceId instanceId();

    /** A command about what became of one usage hour. */
    sealed interface AboutHour extends InstanceCommand {
        UsageHour hour();

        int revision();
    }

    /** A command about one usage record. */
    sealed interface AboutRecord extends InstanceCommand {
        MeteringSn meteringSn();
    }

    /** A command about one package that an instance draws usage from. */
    sealed interface AboutPackage extends InstanceCommand {
        /** The marketplace's instance id of the package. */
        String packageInstanceId();
    }

    /**
     * Open an instance for one product of one order.
     *
     * @param order of which seller account it is, too: that account alone reports its usage
     * @param test a debugging call of the marketplace: metered and shown, never billed
     * @param openedAt when the instance began to exist for the marketplace
     * @param unsold who opened it without a marketplace, and why: metered and shown, never billed. Null for one that was ordered
     */
    record OpenInstance(
            InstanceId instanceId,
            OrderLine order,
            Product product,
            String buyerId,
            boolean test,
            Instant openedAt,
            @Nullable DecidedBy unsold)
            implements InstanceCommand {

        /** Opens one that a buyer has ordered from the account of the usual name. */
        public OpenInstance(
                InstanceId instanceId,
                String orderId,
                String orderLineId,
                Product product,
                String buyerId,
                boolean test,
                Instant openedAt) {
            this(
                    instanceId,
                    new OrderLine(orderId, orderLineId, OrderLine.USUAL_ACCOUNT),
                    product,
                    buyerId,
                    test,
                    openedAt,
                    null);
        }

        /**
         * Opens one without a marketplace, such as a trial.
         *
         * @param userId whoever uses it
         */
        public static OpenInstance unsold(
                InstanceId instanceId, Product product, String userId, DecidedBy by, Instant openedAt) {
            return new OpenInstance(instanceId, OrderLine.none(), product, userId, false, openedAt, by);
        }

        /** Opens one that is billed. */
        public static OpenInstance formal(
                InstanceId instanceId,
                String orderId,
                String orderLineId,
                Product product,
                String buyerId,
                Instant openedAt) {
            return new OpenInstance(instanceId, orderId, orderLineId, product, buyerId, false, openedAt);
        }
    }

    /**
     * Enter what one usage hour came to, once it is closed. One command per hour and revision; hours come in order.
     *
     * @param revision 0 for what was counted before the hour's first cutoff; 1, 2 … for what came later
     * @param amount in the meter's unit, exact; below zero only for a later revision: a credit
     * @param log where the events stand in the usage log
     * @param times of the close and of the entry
     */
    record MeterHour(
            InstanceId instanceId,
            UsageHour hour,
            int revision,
            CountedBy countedBy,
            BigDecimal amount,
            EventSpan events,
            LogPosition log,
            Times times)
            implements AboutHour {

        /**
         * In business time.
         *
         * @param closedAt when the hour's cutoff was recorded: the same however often the hour is entered
         * @param enteredAt when it is entered, and its records would be sent; weeks later if the instance was opened late
         */
        public record Times(Instant closedAt, Instant enteredAt) {

            /** A clock behind the one that recorded the cutoff enters no hour before its close. */
            public Times {
                enteredAt = enteredAt.isBefore(closedAt) ? closedAt : enteredAt;
            }
        }

        /** Entered as soon as it is closed. */
        public MeterHour(
                InstanceId instanceId,
                UsageHour hour,
                int revision,
                CountedBy countedBy,
                BigDecimal amount,
                EventSpan events,
                LogPosition log,
                Instant closedAt) {
            this(instanceId, hour, revision, countedBy, amount, events, log, new Times(closedAt, closedAt));
        }

        public Instant closedAt() {
            return times.closedAt;
        }

        public Instant enteredAt() {
            return times.enteredAt;
        }
    }

    /** The marketplace accepted a usage record. */
    record ReportUsageRecord(InstanceId instanceId, MeteringSn meteringSn, Instant reportedAt) implements AboutRecord {}

    /**
     * The marketplace refused a usage record for good.
     *
     * @param code the marketplace's code, as it said it
     * @param detail its message, shortened; empty if it gave none
     */
    record RefuseUsageRecord(
            InstanceId instanceId, MeteringSn meteringSn, String code, String detail, Instant refusedAt)
            implements AboutRecord {}

    /**
     * No machine can know whether the marketplace took a usage record; a person must settle it.
     *
     * @param why a sentence for that person
     */
    record MarkUsageRecordUnknown(InstanceId instanceId, MeteringSn meteringSn, String why, Instant doubtedAt)
            implements AboutRecord {}

    /**
     * End an instance.
     *
     * @param orderId the order that ended it; null when it was not unsubscribed by one
     */
    record ReleaseInstance(InstanceId instanceId, @Nullable String orderId, Instant releasedAt)
            implements InstanceCommand {}

    /**
     * Prolong an instance, turn a trial into a formal one, or take back a term that was bought.
     *
     * @param orderId the order; it does so once for each end of the term
     * @param expiresAt when it will end unless renewed again; null if it will not
     * @param product what it goes on as, of the same meter; null if that stays
     * @param mayEndFreeze whether it ends a freeze if the seller's setting has it so; false if another call says that
     */
    record RenewInstance(
            InstanceId instanceId,
            String orderId,
            @Nullable Instant expiresAt,
            @Nullable Product product,
            boolean mayEndFreeze,
            Instant renewedAt)
            implements InstanceCommand {

        /** Goes on as the same product, by a call that may end a freeze. */
        public static RenewInstance unchanged(
                InstanceId instanceId, String orderId, @Nullable Instant expiresAt, Instant renewedAt) {
            return new RenewInstance(instanceId, orderId, expiresAt, null, true, renewedAt);
        }

        /** Whether the new term lasts beyond the renewal itself. */
        public boolean termRuns() {
            return expiresAt == null || expiresAt.isAfter(renewedAt);
        }
    }

    /**
     * Go on as another product of the same meter.
     *
     * @param orderId the new order; the same order upgrades once
     */
    record UpgradeInstance(InstanceId instanceId, String orderId, Product product, Instant upgradedAt)
            implements InstanceCommand {}

    /** From now on usage is not billable, until the instance is unfrozen. */
    record FreezeInstance(InstanceId instanceId, Instant frozenAt) implements InstanceCommand {}

    record UnfreezeInstance(InstanceId instanceId, Instant unfrozenAt) implements InstanceCommand {}

    /** The time paid for is over: usage is not billable until the instance is renewed. */
    record ExpireInstance(InstanceId instanceId, Instant expiredAt) implements InstanceCommand {}

    /**
     * The buyer of a pay-per-use instance has bought a package that stops when it is used up. From the first one's opening on, usage is drawn
     * from packages only. A package covers usage from its own opening on.
     *
     * @param packageInstanceId the marketplace's instance id of the package
     * @param amount what it contains, in the meter's unit, at most 4 decimals
     * @param addedAt when the package was opened
     */
    record AddPackage(InstanceId instanceId, String packageInstanceId, BigDecimal amount, Instant addedAt)
            implements AboutPackage {}

    /** From now on no usage is drawn from the package, until it is unfrozen. */
    record FreezePackage(InstanceId instanceId, String packageInstanceId, Instant frozenAt) implements AboutPackage {}

    record UnfreezePackage(InstanceId instanceId, String packageInstanceId, Instant unfrozenAt)
            implements AboutPackage {}

    /** The package's time is over: nothing is drawn from it until it is renewed. The end of a freeze changes nothing of that. */
    record ExpirePackage(InstanceId instanceId, String packageInstanceId, Instant expiredAt) implements AboutPackage {}

    /**
     * A package that has expired, or that was frozen since it had, goes on with what is left in it.
     *
     * @param expiresAt when it will end unless renewed again; null if it will not
     * @param mayEndFreeze whether it ends a freeze if the seller's setting has it so; false if another call says that
     */
    record RenewPackage(
            InstanceId instanceId,
            String packageInstanceId,
            String orderId,
            @Nullable Instant expiresAt,
            boolean mayEndFreeze,
            Instant renewedAt)
            implements AboutPackage {

        /** Whether the new term lasts beyond the renewal itself. */
        public boolean termRuns() {
            return expiresAt == null || expiresAt.isAfter(renewedAt);
        }
    }

    /** A person says that the package is not for this instance. Nothing was drawn from it yet. */
    record WithdrawPackage(InstanceId instanceId, String packageInstanceId, DecidedBy by, Instant withdrawnAt)
            implements AboutPackage {}

    /** The package has ended: usage from now on is not drawn from it, and what it still holds then is lost to the buyer. */
    record ReleasePackage(InstanceId instanceId, String packageInstanceId, Instant releasedAt)
            implements AboutPackage {}

    /** Metered usage and the hours still open come to all that the packages hold; the draw-down itself follows at the close. */
    record NoticePackageUsedUp(InstanceId instanceId, String packageInstanceId, Instant noticedAt)
            implements AboutPackage {}

    /**
     * The usage of a period or of a package has come to a percentage of an amount. Of each threshold and percentage that is taken once a period.
     *
     * @param limit the amount that was not to be reached unnoticed, in the meter's unit
     * @param amount what is known to be used now, in the meter's unit
     * @param stop whether the app is asked to stop
     */
    record NoticeThresholdReached(
            InstanceId instanceId,
            ThresholdRef threshold,
            int percent,
            BigDecimal limit,
            BigDecimal amount,
            boolean stop,
            Instant reachedAt)
            implements InstanceCommand {}

    /**
     * What a held hour with a boundary of the instance's life in it comes to on each side.
     *
     * @param parts adjoining, in order, with no boundary inside any; their amounts sum up to what is held
     */
    record EnterRecount(
            InstanceId instanceId, UsageHour hour, int revision, List<RecountedPart> parts, Instant recountedAt)
            implements AboutHour {}

    /** The usage of {@code [from, to)}. */
    record RecountedPart(Instant from, Instant to, BigDecimal amount) {}

    /** A person bills what was withheld. */
    record BillWithheldUsage(InstanceId instanceId, UsageHour hour, int revision, DecidedBy by, Instant decidedAt)
            implements AboutHour {}

    /** A person gives up what was withheld. */
    record WriteOffWithheldUsage(InstanceId instanceId, UsageHour hour, int revision, DecidedBy by, Instant decidedAt)
            implements AboutHour {}

    /**
     * The marketplace rejected later what it had accepted, or lists a second copy of it as a duplicate, which is only noted.
     *
     * @param code the marketplace's code, as it said it
     * @param by who entered it, and what the marketplace said
     */
    record DisputeUsageRecord(
            InstanceId instanceId, MeteringSn meteringSn, String code, DecidedBy by, Instant disputedAt)
            implements AboutRecord {}

    /** A person bills a refused or disputed record's amount again, in another window under another serial number. */
    record ReissueUsageRecord(InstanceId instanceId, MeteringSn meteringSn, DecidedBy by, Instant decidedAt)
            implements AboutRecord {}

    /** A person gives up the amount of a refused, unknown or disputed record. */
    record WriteOffUsageRecord(InstanceId instanceId, MeteringSn meteringSn, DecidedBy by, Instant decidedAt)
            implements AboutRecord {}

    /**
     * A person says what became of a record that no machine could know about.
     *
     * @param billed whether the marketplace has it
     */
    record SettleUsageRecord(
            InstanceId instanceId, MeteringSn meteringSn, boolean billed, DecidedBy by, Instant decidedAt)
            implements AboutRecord {

        public static SettleUsageRecord asReported(
                InstanceId instanceId, MeteringSn meteringSn, DecidedBy by, Instant decidedAt) {
            return new SettleUsageRecord(instanceId, meteringSn, true, by, decidedAt);
        }

        public static SettleUsageRecord asRefused(
                InstanceId instanceId, MeteringSn meteringSn, DecidedBy by, Instant decidedAt) {
            return new SettleUsageRecord(instanceId, meteringSn, false, by, decidedAt);
        }
    }

    /** A person gives up what an ended instance still carries. */
    record WriteOffRemainder(InstanceId instanceId, DecidedBy by, Instant decidedAt) implements InstanceCommand {}
}
