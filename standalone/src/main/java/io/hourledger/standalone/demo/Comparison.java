package io.hourledger.standalone.demo;

import io.hourledger.standalone.traffic.Survey.Used;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Log = ledger = gallery, instance by instance. The log's side was added up while the log was read and has seen nothing of the pipeline;
 * nothing is rounded here but where the gallery's 4 decimals ask for it, and then once per instance, over its whole life.
 */
record Comparison(List<OfMeter> meters, List<String> differences, long differenceCount) {

    private static final int GALLERY_DECIMALS = 4;
    private static final int NAMED_DIFFERENCES = 20;

    /**
     * The three sums of one meter.
     *
     * @param carried what the ledger holds for the next records
     */
    record OfMeter(
            DemoMeter meter,
            BigDecimal log,
            BigDecimal ledger,
            BigDecimal gallery,
            BigDecimal carried,
            boolean agree) {}

    boolean agrees() {
        return differenceCount == 0;
    }

    /**
     * @param instances instance id by order line
     */
    static Comparison of(
            SortedMap<String, Used> log,
            Map<String, String> instances,
            Map<String, BookedInstance> ledger,
            List<BilledRecord> gallery) {
        Map<String, BigDecimal> billed = new HashMap<>();
        for (BilledRecord record : gallery) {
            billed.merge(record.instanceId(), record.amount(), BigDecimal::add);
        }
        Findings findings = new Findings();
        List<OfMeter> meters = new ArrayList<>();
        Map<String, BigDecimal> unclaimed = new HashMap<>(billed);
        for (DemoMeter meter : DemoMeter.values()) {
            meters.add(compare(meter, log, instances, ledger, billed, unclaimed, findings));
        }
        unclaimed.forEach((instance, amount) -> findings.add(
                "the gallery bills " + amount.toPlainString() + " of instance " + instance + ", which nobody ordered"));
        return new Comparison(meters, List.copyOf(findings.named), findings.count);
    }

    private static OfMeter compare(
            DemoMeter meter,
            SortedMap<String, Used> log,
            Map<String, String> instances,
            Map<String, BookedInstance> ledger,
            Map<String, BigDecimal> billed,
            Map<String, BigDecimal> unclaimed,
            Findings findings) {
        BigDecimal logSum = BigDecimal.ZERO;
        BigDecimal ledgerSum = BigDecimal.ZERO;
        BigDecimal gallerySum = BigDecimal.ZERO;
        BigDecimal carriedSum = BigDecimal.ZERO;
        long before = findings.count;
        for (Map.Entry<String, Used> buyer : log.entrySet()) {
            BigDecimal used = meter.used(buyer.getValue());
            String who = buyer.getKey() + " (" + meter.meter() + ")";
            String instance = instances.get(DemoOrder.orderLineId(DemoOrder.orderId(buyer.getKey()), meter));
            if (instance == null) {
                findings.add(who + ": no instance was opened");
                logSum = logSum.add(used);
                continue;
            }
            BookedInstance booked = ledger.getOrDefault(instance, BookedInstance.nothing(instance));
            BigDecimal atGallery = billed.getOrDefault(instance, BigDecimal.ZERO);
            unclaimed.remove(instance);

            BigDecimal billable = used.setScale(GALLERY_DECIMALS, RoundingMode.DOWN);
            findings.expect(who, "log and ledger", used, booked.metered());
            findings.expect(who, "log, rounded down, and gallery", billable, atGallery);
            findings.expect(who, "ledger's reported and gallery", booked.reported(), atGallery);
            findings.expect(
                    who, "what is left of the log and the ledger's carry", used.subtract(billable), booked.carried());
            findings.expect(who, "nothing and what the ledger holds elsewhere", BigDecimal.ZERO, booked.elsewhere());

            logSum = logSum.add(used);
            ledgerSum = ledgerSum.add(booked.metered());
            gallerySum = gallerySum.add(atGallery);
            carriedSum = carriedSum.add(booked.carried());
        }
        return new OfMeter(meter, logSum, ledgerSum, gallerySum, carriedSum, findings.count == before);
    }

    /** The first differences in words, all of them as a number. */
    private static final class Findings {

        private final List<String> named = new ArrayList<>();
        private long count;

        void add(String difference) {
            count++;
            if (named.size() < NAMED_DIFFERENCES) {
                named.add(difference);
            }
        }

        void expect(String who, String what, BigDecimal one, BigDecimal other) {
            if (one.compareTo(other) != 0) {
                add(who + ": " + what + " differ: " + one.toPlainString() + " and " + other.toPlainString());
            }
        }
    }
}
