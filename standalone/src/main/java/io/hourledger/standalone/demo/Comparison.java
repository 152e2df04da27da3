package io.hourledger.standalone.demo;

import io.hourledger.standalone.traffic.Survey.Used;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
     * @param ledger what the ledger says of each instance
     * @param records the ledger's records by serial number
     * @param gallery the records that the gallery has accepted
     */
    static Comparison of(
            SortedMap<String, Used> log,
            Map<String, String> instances,
            Map<String, LedgerInstance> ledger,
            Map<String, LedgerRecord> records,
            List<BilledRecord> gallery) {
        Map<String, BigDecimal> billed = new HashMap<>();
        for (BilledRecord record : gallery) {
            billed.merge(record.instanceId(), record.amount(), BigDecimal::add);
        }
        Findings findings = new Findings();
        recordByRecord(records, gallery, findings);
        List<OfMeter> meters = new ArrayList<>();
        Map<String, BigDecimal> unclaimed = new HashMap<>(billed);
        for (DemoMeter meter : DemoMeter.values()) {
            meters.add(compare(meter, log, instances, ledger, billed, unclaimed, findings));
        }
        unclaimed.forEach((instance, amount) -> findings.add(
                "the gallery bills " + amount.toPlainString() + " of instance " + instance + ", which nobody ordered"));
        return new Comparison(meters, List.copyOf(findings.named), findings.count);
    }

    /** Each record of the gallery is one of the ledger's, with the same window and amount, and the other way round. */
    private static void recordByRecord(
            Map<String, LedgerRecord> records, List<BilledRecord> gallery, Findings findings) {
        Set<String> billed = new HashSet<>();
        for (BilledRecord record : gallery) {
            LedgerRecord inLedger = records.get(record.meteringSn());
            String name = "record " + record.meteringSn();
            if (!billed.add(record.meteringSn())) {
                findings.add(name + ": the gallery has it twice");
            } else if (inLedger == null) {
                findings.add(name + ": the gallery has it, the ledger does not");
            } else if (!inLedger.instanceId().equals(record.instanceId())
                    || !inLedger.begin().equals(record.begin())
                    || !inLedger.end().equals(record.end())
                    || inLedger.amount().compareTo(record.amount()) != 0) {
                findings.add(name + ": the gallery has " + record + ", the ledger " + inLedger);
            } else if (!inLedger.state().equals("reported")) {
                findings.add(name + ": the gallery has it, the ledger says " + inLedger.state());
            }
        }
        for (LedgerRecord inLedger : records.values()) {
            if (!billed.contains(inLedger.meteringSn())) {
                findings.add("record " + inLedger.meteringSn() + ": the ledger has it (" + inLedger.state()
                        + "), the gallery does not");
            }
        }
    }

    private static OfMeter compare(
            DemoMeter meter,
            SortedMap<String, Used> log,
            Map<String, String> instances,
            Map<String, LedgerInstance> ledger,
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
            LedgerInstance inLedger = ledger.getOrDefault(instance, LedgerInstance.nothing(instance));
            BigDecimal atGallery = billed.getOrDefault(instance, BigDecimal.ZERO);
            unclaimed.remove(instance);

            BigDecimal billable = used.setScale(GALLERY_DECIMALS, RoundingMode.DOWN);
            findings.expect(who, "log and ledger", used, inLedger.metered());
            findings.expect(who, "log, rounded down, and gallery", billable, atGallery);
            findings.expect(who, "ledger's reported and gallery", inLedger.reported(), atGallery);
            findings.expect(
                    who, "what is left of the log and the ledger's carry", used.subtract(billable), inLedger.carried());
            findings.expect(who, "nothing and what the ledger holds elsewhere", BigDecimal.ZERO, inLedger.elsewhere());

            logSum = logSum.add(used);
            ledgerSum = ledgerSum.add(inLedger.metered());
            gallerySum = gallerySum.add(atGallery);
            carriedSum = carriedSum.add(inLedger.carried());
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
