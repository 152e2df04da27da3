package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.process.Parent;
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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An instance with a year of history against a new one. The history is laid down by the ledger itself, hour by hour, each record issued and
 * reported; then both close the same kind of hour in turns, in batches and one by one, and the medians are compared.
 */
public final class YearProcess {

    private static final Instant BEGAN = Instant.parse("2025-09-01T00:00:00Z");
    private static final Product PRODUCT =
            new Product("bench-egress", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    /**
     * So many hours of each instance are laid down in one call: not more than an instance remembers in full, since a record that is settled
     * later makes the ledger read back in its stream.
     */
    private static final int HOURS_A_CALL = 3;

    private static final int WARM_UP = 30;
    private static final int PAIRS = 120;

    private final Ledger ledger;

    private YearProcess(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Takes the database's address, user and password, how many instances, and how many hours of history. */
    public static void main(String[] arguments) {
        int instances = Integer.parseInt(arguments[3]);
        int hours = Integer.parseInt(arguments[4]);
        Parent.whenItEnds(() -> {});
        try (LedgerInProcess stack = new LedgerInProcess(arguments[0], arguments[1], arguments[2])) {
            Map<String, Object> result = new YearProcess(stack.ledger()).measure(instances, hours);
            stack.jdbc().execute("vacuum analyze ledger.event");
            Long events = stack.jdbc().queryForObject("select count(*) from ledger.event", Long.class);
            Long bytes = stack.jdbc().queryForObject("select pg_total_relation_size('ledger.event')", Long.class);
            if (events != null && bytes != null) {
                result.put("ledger_events", events);
                result.put("bytes_per_event", (double) bytes / events);
            }
            Parent.result(result);
        }
    }

    private Map<String, Object> measure(int instances, int hours) {
        List<InstanceId> old = open("old", instances, BEGAN);
        long layingAt = System.nanoTime();
        for (int hour = 0; hour < hours; hour += HOURS_A_CALL) {
            meterAndReport(old, hour, Math.min(HOURS_A_CALL, hours - hour));
            Parent.progress((long) (hour + 1) * instances);
        }
        double laying = (System.nanoTime() - layingAt) / 1e9;

        long[] oldBatch = new long[PAIRS];
        long[] newBatch = new long[PAIRS];
        long[] oldOne = new long[PAIRS];
        long[] newOne = new long[PAIRS];
        for (int pair = -WARM_UP; pair < PAIRS; pair++) {
            int at = Math.max(pair, 0);
            int hour = hours + 2 * (pair + WARM_UP);
            List<InstanceId> young = open("new-" + (pair + WARM_UP), instances, begin(hour));
            boolean oldFirst = (pair & 1) == 0; // neither always finds the caches warmed by the other
            for (boolean isOld : new boolean[] {oldFirst, !oldFirst}) {
                List<InstanceId> ids = isOld ? old : young;
                (isOld ? oldBatch : newBatch)[at] = close(ids, hour);
                (isOld ? oldOne : newOne)[at] = close(List.of(ids.get(at % instances)), hour + 1);
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("instances", instances);
        result.put("hours_of_history", hours);
        result.put("laid_down_in_s", laying);
        result.put("old_batch_ms", medianMillis(oldBatch));
        result.put("new_batch_ms", medianMillis(newBatch));
        result.put("old_alone_ms", medianMillis(oldOne));
        result.put("new_alone_ms", medianMillis(newOne));
        result.put("year_slowdown_in_batches", medianMillis(oldBatch) / medianMillis(newBatch));
        result.put("year_slowdown_alone", medianMillis(oldOne) / medianMillis(newOne));
        return result;
    }

    private static Instant begin(int hour) {
        return UsageHour.ofNumber(UsageHour.of(BEGAN).number() + hour).start();
    }

    private List<InstanceId> open(String name, int instances, Instant openedAt) {
        List<InstanceId> ids = new ArrayList<>();
        List<InstanceCommand> commands = new ArrayList<>();
        for (int i = 0; i < instances; i++) {
            InstanceId id = new InstanceId(name + "-" + i);
            ids.add(id);
            commands.add(
                    OpenInstance.formal(id, "order-" + name, "line-" + name + "-" + i, PRODUCT, "buyer", openedAt));
        }
        ledger.handleAll(commands).forEach(YearProcess::mustBeDone);
        return ids;
    }

    private void meterAndReport(List<InstanceId> ids, int firstHour, int hours) {
        List<InstanceCommand> metering = new ArrayList<>();
        for (InstanceId id : ids) {
            for (int hour = firstHour; hour < firstHour + hours; hour++) {
                metering.add(meter(id, hour));
            }
        }
        reportIssued(ledger.handleAll(metering));
    }

    private void reportIssued(List<Decision> decisions) {
        List<InstanceCommand> reports = new ArrayList<>();
        for (Decision decision : decisions) {
            for (InstanceEvent event : mustBeDone(decision)) {
                if (event instanceof UsageRecordIssued issued) {
                    reports.add(new ReportUsageRecord(
                            new InstanceId(issued.instanceId()),
                            new MeteringSn(issued.record().meteringSn()),
                            issued.recordTime().plusSeconds(1)));
                }
            }
        }
        ledger.handleAll(reports).forEach(YearProcess::mustBeDone);
    }

    /** Closes an hour of these instances in one call, and answers how long that took; reporting its records is not measured. */
    private long close(List<InstanceId> ids, int hour) {
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

    private static double medianMillis(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1e6;
    }
}
