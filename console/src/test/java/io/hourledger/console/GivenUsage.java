package io.hourledger.console;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
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

/** What the ledger is told in these tests. Every instance is opened at {@link #OPENED}; hours are counted from there. */
final class GivenUsage {

    static final Instant OPENED = Instant.parse("2026-01-01T00:00:00Z");

    private GivenUsage() {}

    static OpenInstance open(String id, String buyer, String product) {
        return new OpenInstance(
                new InstanceId(id),
                "ORDER-" + id,
                "LINE-1",
                new Product(product, "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY),
                buyer,
                false,
                OPENED);
    }

    static UsageHour hour(int number) {
        return UsageHour.of(OPENED.plusSeconds(3600L * number));
    }

    static MeterHour meter(String id, int hour, String amount) {
        UsageHour metered = hour(hour);
        return new MeterHour(
                new InstanceId(id),
                metered,
                0,
                new CountedBy("egress", 1),
                new BigDecimal(amount),
                new EventSpan(7, metered.start(), metered.start().plusSeconds(3599)),
                new LogPosition(2, 1000, 1006),
                metered.end().plusSeconds(121));
    }

    static MeteringSn sn(String id, int hour) {
        return MeteringSn.of(id, UsageWindow.of(hour(hour)));
    }

    static ReportUsageRecord report(String id, int hour) {
        return new ReportUsageRecord(
                new InstanceId(id), sn(id, hour), hour(hour).end().plusSeconds(300));
    }

    static ReleaseInstance release(String id, Instant at) {
        return new ReleaseInstance(new InstanceId(id), null, at);
    }
}
