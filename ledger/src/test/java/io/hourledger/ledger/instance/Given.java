package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.BillWithheldUsage;
import io.hourledger.contracts.instance.InstanceCommand.DisputeUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.EnterRecount;
import io.hourledger.contracts.instance.InstanceCommand.ExpireInstance;
import io.hourledger.contracts.instance.InstanceCommand.ExpirePackage;
import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.FreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.NoticePackageUsedUp;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReissueUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReleasePackage;
import io.hourledger.contracts.instance.InstanceCommand.RenewInstance;
import io.hourledger.contracts.instance.InstanceCommand.RenewPackage;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.WithdrawPackage;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffRemainder;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffWithheldUsage;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** The commands that the tests of this module speak in. Hours are counted from 2026-01-01T00:00Z, when every instance is opened. */
public final class Given {

    public static final Instant OPENED = Instant.parse("2026-01-01T00:00:00Z");
    public static final Product EGRESS =
            new Product("P-EGRESS", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    private Given() {}

    public static UsageHour hour(int number) {
        return UsageHour.of(OPENED.plusSeconds(3600L * number));
    }

    public static OpenInstance open(String id) {
        return open(id, EGRESS, false, OPENED);
    }

    public static OpenInstance open(String id, Product product, boolean test, Instant openedAt) {
        return new OpenInstance(new InstanceId(id), "ORDER-" + id, "LINE-1", product, "buyer-" + id, test, openedAt);
    }

    public static MeterHour meter(String id, int hour, String amount) {
        return meter(id, hour, 0, amount);
    }

    public static MeterHour meter(String id, int hour, int revision, String amount) {
        return meter(
                id,
                hour(hour),
                revision,
                amount,
                hour(hour).start(),
                hour(hour).start().plusSeconds(3599));
    }

    public static MeterHour meter(
            String id, UsageHour hour, int revision, String amount, Instant firstEventAt, Instant lastEventAt) {
        return new MeterHour(
                new InstanceId(id),
                hour,
                revision,
                new CountedBy("egress", 1),
                new BigDecimal(amount),
                new EventSpan(7, firstEventAt, lastEventAt),
                new LogPosition(2, 1000, 1006),
                hour.end().plusMillis(120_250));
    }

    public static MeteringSn sn(String id, UsageWindow window) {
        return MeteringSn.of(id, window);
    }

    public static MeteringSn sn(String id, int hour) {
        return MeteringSn.of(id, UsageWindow.of(hour(hour)));
    }

    public static ReportUsageRecord report(String id, MeteringSn sn) {
        return new ReportUsageRecord(new InstanceId(id), sn, OPENED.plusSeconds(86400));
    }

    public static RefuseUsageRecord refuse(String id, MeteringSn sn) {
        return new RefuseUsageRecord(
                new InstanceId(id), sn, "MKT.9001", "instance ID not found", OPENED.plusSeconds(86400));
    }

    public static MarkUsageRecordUnknown doubt(String id, MeteringSn sn) {
        return new MarkUsageRecordUnknown(new InstanceId(id), sn, "no answer came", OPENED.plusSeconds(86400));
    }

    public static ReleaseInstance release(String id, Instant at) {
        return new ReleaseInstance(new InstanceId(id), null, at);
    }

    /** A person who decides in these tests. */
    public static final DecidedBy FINANCE = new DecidedBy("li.wei", "agreed with the buyer on the phone");

    /** A moment in an hour. */
    public static Instant at(int hour, int seconds) {
        return hour(hour).start().plusSeconds(seconds);
    }

    public static FreezeInstance freeze(String id, Instant at) {
        return new FreezeInstance(new InstanceId(id), at);
    }

    public static UnfreezeInstance unfreeze(String id, Instant at) {
        return new UnfreezeInstance(new InstanceId(id), at);
    }

    public static ExpireInstance expire(String id, Instant at) {
        return new ExpireInstance(new InstanceId(id), at);
    }

    public static RenewInstance renew(String id, String order, Instant at) {
        return RenewInstance.unchanged(new InstanceId(id), order, null, at);
    }

    public static AddPackage addPackage(String id, String packageId, String amount) {
        return new AddPackage(new InstanceId(id), packageId, new BigDecimal(amount), OPENED);
    }

    public static AddPackage addPackage(String id, String packageId, String amount, Instant addedAt) {
        return new AddPackage(new InstanceId(id), packageId, new BigDecimal(amount), addedAt);
    }

    public static FreezePackage freezePackage(String id, String packageId, Instant at) {
        return new FreezePackage(new InstanceId(id), packageId, at);
    }

    public static UnfreezePackage unfreezePackage(String id, String packageId, Instant at) {
        return new UnfreezePackage(new InstanceId(id), packageId, at);
    }

    public static ExpirePackage expirePackage(String id, String packageId, Instant at) {
        return new ExpirePackage(new InstanceId(id), packageId, at);
    }

    public static RenewPackage renewPackage(String id, String packageId, String order, Instant at) {
        return new RenewPackage(new InstanceId(id), packageId, order, null, false, at);
    }

    /** By a call that ends a freeze, too. */
    public static RenewPackage renewFrozenPackage(
            String id, String packageId, String order, Instant expiresAt, Instant at) {
        return new RenewPackage(new InstanceId(id), packageId, order, expiresAt, true, at);
    }

    public static WithdrawPackage withdrawPackage(String id, String packageId, Instant at) {
        return new WithdrawPackage(new InstanceId(id), packageId, FINANCE, at);
    }

    public static ReleasePackage releasePackage(String id, String packageId, Instant at) {
        return new ReleasePackage(new InstanceId(id), packageId, at);
    }

    public static NoticePackageUsedUp notice(String id, String packageId) {
        return new NoticePackageUsedUp(new InstanceId(id), packageId, OPENED);
    }

    public static EnterRecount recount(String id, int hour, RecountedPart... parts) {
        return recount(id, hour, 0, parts);
    }

    public static EnterRecount recount(String id, int hour, int revision, RecountedPart... parts) {
        return new EnterRecount(new InstanceId(id), hour(hour), revision, List.of(parts), at(hour, 3900));
    }

    public static RecountedPart part(Instant from, Instant to, String amount) {
        return new RecountedPart(from, to, new BigDecimal(amount));
    }

    public static BillWithheldUsage billWithheld(String id, int hour, int revision) {
        return new BillWithheldUsage(new InstanceId(id), hour(hour), revision, FINANCE, at(hour, 9000));
    }

    public static WriteOffWithheldUsage writeOffWithheld(String id, int hour, int revision) {
        return new WriteOffWithheldUsage(new InstanceId(id), hour(hour), revision, FINANCE, at(hour, 9000));
    }

    public static DisputeUsageRecord dispute(String id, MeteringSn sn) {
        return new DisputeUsageRecord(
                new InstanceId(id), sn, "013", new DecidedBy("li.wei", "resource state abnormal"), at(60, 0));
    }

    public static DisputeUsageRecord listDuplicate(String id, MeteringSn sn, String code) {
        return new DisputeUsageRecord(
                new InstanceId(id), sn, code, new DecidedBy("li.wei", "a second copy in the console"), at(60, 0));
    }

    public static ReissueUsageRecord reissue(String id, MeteringSn sn) {
        return new ReissueUsageRecord(new InstanceId(id), sn, FINANCE, at(60, 0));
    }

    public static WriteOffUsageRecord writeOff(String id, MeteringSn sn) {
        return new WriteOffUsageRecord(new InstanceId(id), sn, FINANCE, at(60, 0));
    }

    public static SettleUsageRecord settle(String id, MeteringSn sn, boolean billed) {
        return new SettleUsageRecord(new InstanceId(id), sn, billed, FINANCE, at(60, 0));
    }

    public static WriteOffRemainder writeOffRemainder(String id) {
        return new WriteOffRemainder(new InstanceId(id), FINANCE, at(60, 0));
    }
}
