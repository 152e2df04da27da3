package io.hourledger.ledger.instance;

import io.hourledger.contracts.gallery.MeteringSn;
import io.hourledger.contracts.gallery.UsageWindow;
import io.hourledger.contracts.instance.InstanceCommand.DoubtUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;

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
                "egress",
                new BigDecimal(amount),
                7,
                firstEventAt,
                lastEventAt,
                2,
                1000,
                1006,
                1,
                hour.end().plusMillis(120_250));
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

    public static DoubtUsageRecord doubt(String id, MeteringSn sn) {
        return new DoubtUsageRecord(new InstanceId(id), sn, "no answer came", OPENED.plusSeconds(86400));
    }

    public static ReleaseInstance release(String id, Instant at) {
        return new ReleaseInstance(new InstanceId(id), null, at);
    }
}
