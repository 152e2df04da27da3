package io.hourledger.benchmarks.ledger;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Lays history down by the ledger itself, hour by hour: each hour is metered, its record is issued and reported. */
final class HistoryWriter {

    /** The first hour of all history. */
    static final Instant BEGAN = Instant.parse("2025-09-01T00:00:00Z");

    private static final Product PRODUCT =
            new Product("bench-egress", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    private final Ledger ledger;

    HistoryWriter(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The start of an hour, counted from the first. */
    static Instant begin(int hour) {
        return UsageHour.ofNumber(UsageHour.of(BEGAN).number() + hour).start();
    }

    /** Opens instances that were not there before. */
    void open(List<InstanceId> ids, Instant openedAt) {
        List<InstanceCommand> commands = new ArrayList<>();
        for (InstanceId id : ids) {
            commands.add(
                    OpenInstance.formal(id, "order-" + id.value(), "line-" + id.value(), PRODUCT, "buyer", openedAt));
        }
        ledger.handleAll(commands).forEach(HistoryWriter::mustBeDone);
    }

    /**
     * Meters some hours of each instance in one call, and reports their records in another.
     *
     * @return the records that were reported
     */
    List<String> meterAndReport(List<InstanceId> ids, int firstHour, int hours) {
        List<InstanceCommand> metering = new ArrayList<>();
        for (InstanceId id : ids) {
            for (int hour = firstHour; hour < firstHour + hours; hour++) {
                metering.add(meter(id, hour));
            }
        }
        return reportIssued(ledger.handleAll(metering));
    }

    /** Closes an hour of these instances in one call, and answers how long that took; reporting its records is not measured. */
    long close(List<InstanceId> ids, int hour) {
        List<InstanceCommand> commands = new ArrayList<>();
        for (InstanceId id : ids) {
            commands.add(meter(id, hour));
        }
        long startedAt = System.nanoTime();
        List<Decision> decisions =
                commands.size() == 1 ? List.of(ledger.handle(commands.get(0))) : ledger.handleAll(commands);
        long nanos = System.nanoTime() - startedAt;
        reportIssued(decisions);
        return nanos;
    }

    private List<String> reportIssued(List<Decision> decisions) {
        List<InstanceCommand> reports = new ArrayList<>();
        List<String> records = new ArrayList<>();
        for (Decision decision : decisions) {
            for (InstanceEvent event : mustBeDone(decision)) {
                if (event instanceof UsageRecordIssued issued) {
                    records.add(issued.record().meteringSn());
                    reports.add(new ReportUsageRecord(
                            new InstanceId(issued.instanceId()),
                            new MeteringSn(issued.record().meteringSn()),
                            issued.recordTime().plusSeconds(1)));
                }
            }
        }
        ledger.handleAll(reports).forEach(HistoryWriter::mustBeDone);
        return records;
    }

    private static MeterHour meter(InstanceId id, int number) {
        UsageHour hour = UsageHour.of(begin(number));
        return new MeterHour(
                id,
                hour,
                0,
                new CountedBy("egress", 1),
                new BigDecimal("12.345678").add(BigDecimal.valueOf(number, 6)),
                new EventSpan(1000, hour.start().plusSeconds(1), hour.end().minusSeconds(1)),
                new LogPosition(0, number * 1000L, number * 1000L + 999),
                hour.end().plusSeconds(120));
    }

    private static List<InstanceEvent> mustBeDone(Decision decision) {
        if (decision.events().isEmpty()) {
            throw new IllegalStateException("the ledger did not do what was laid down: " + decision);
        }
        return decision.events();
    }
}
