package io.hourledger.standalone.demo;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.standalone.traffic.TrafficLine.Malformed;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the demo came to, for a person.
 *
 * @param hours usage hours with usage that were closed
 */
record Summary(
        Input input,
        int buyers,
        int instances,
        Events events,
        long hours,
        Punctuality punctuality,
        Comparison comparison,
        Duration took) {

    /**
     * What was read.
     *
     * @param malformed the first of the malformed lines
     */
    record Input(String traffic, long lines, long malformedLines, List<Malformed> malformed) {}

    /**
     * What became of the events.
     *
     * @param accepted those that ingest has acknowledged
     * @param counted those that the aggregator has counted
     * @param duplicates those that it had counted before
     * @param sentTwice those that the traffic sends a second time on purpose
     * @param notCounted those that nobody counts, by reason: ingest refused them, the aggregator quarantined them, or no meter reads them
     */
    record Events(long accepted, long counted, long duplicates, long sentTwice, Map<String, Long> notCounted) {}

    /**
     * How early the records were reported.
     *
     * @param records all that the gallery accepted
     * @param inTime those of them reported within 15 minutes of the end of their hour
     * @param latest the one that came last, after the end of its hour
     * @param clockWaited machine time for which business time stood still so that the services could come along
     */
    record Punctuality(long records, long inTime, @Nullable Latest latest, Duration clockWaited) {

        static final Duration IN_TIME = Duration.ofMinutes(15);

        /** The record that came last. */
        record Latest(String instanceId, Instant end, Duration after) {}

        /**
         * @param inLedger the ledger's records by serial number; one that is missing there was not reported in time
         */
        static Punctuality of(List<BilledRecord> billed, Map<String, LedgerRecord> inLedger, Duration clockWaited) {
            long inTime = 0;
            Latest latest = null;
            for (BilledRecord record : billed) {
                LedgerRecord known = inLedger.get(record.meteringSn());
                Instant reportedAt = known == null ? null : known.reportedAt();
                if (reportedAt == null) {
                    continue;
                }
                Duration after = Duration.between(record.end(), reportedAt);
                inTime += after.compareTo(IN_TIME) <= 0 ? 1 : 0;
                if (latest == null || after.compareTo(latest.after) > 0) {
                    latest = new Latest(record.instanceId(), record.end(), after);
                }
            }
            return new Punctuality(billed.size(), inTime, latest, clockWaited);
        }

        BigDecimal percent() {
            return records == 0
                    ? BigDecimal.valueOf(100)
                    : BigDecimal.valueOf(inTime * 100).divide(BigDecimal.valueOf(records), 2, RoundingMode.DOWN);
        }
    }

    boolean good() {
        return comparison.agrees() && input.malformedLines == 0;
    }

    void print(PrintStream out) {
        out.println();
        line(out, "traffic", "%s: %,d lines, %,d buyers, %,d instances", input.traffic, input.lines, buyers, instances);
        if (input.malformedLines > 0) {
            line(out, "malformed", "%,d lines, not counted:", input.malformedLines);
            input.malformed.forEach(bad -> line(out, "", "line %d: %s", bad.number(), bad.why()));
            if (input.malformedLines > input.malformed.size()) {
                line(out, "", "and %,d more", input.malformedLines - input.malformed.size());
            }
        }
        line(
                out,
                "events",
                "%,d accepted; %,d counted, %,d duplicates%s%s",
                events.accepted,
                events.counted,
                events.duplicates,
                sentTwiceWords(),
                notCountedWords());
        line(out, "hours", "%,d closed", hours);
        line(
                out,
                "records",
                "%,d reported, %s %% within 15 minutes of the hour's end",
                punctuality.records,
                canonical(punctuality.percent()));
        Punctuality.Latest latest = punctuality.latest;
        if (latest != null) {
            line(
                    out,
                    "latest",
                    "%s after the hour that ended %s (instance %s)",
                    minutes(latest.after),
                    latest.end,
                    latest.instanceId);
        }
        line(
                out,
                "clock",
                "stood still for %.1f s until the services had come along; so a slow machine makes no record late",
                punctuality.clockWaited.toMillis() / 1_000.0);
        out.println();
        out.printf(Locale.ROOT, "  %-10s %22s %22s %22s %16s%n", "", "log", "ledger", "gallery", "carried");
        for (Comparison.OfMeter meter : comparison.meters()) {
            out.printf(
                    Locale.ROOT,
                    "  %-10s %22s %22s %22s %16s  %s  %s%n",
                    meter.meter().meter(),
                    canonical(meter.log()),
                    canonical(meter.ledger()),
                    canonical(meter.gallery()),
                    canonical(meter.carried()),
                    meter.meter().unit(),
                    meter.agree() ? "✓" : "✗");
        }
        out.println();
        if (comparison.agrees()) {
            out.printf(
                    Locale.ROOT,
                    "  log = ledger = gallery for every one of %,d instances, to the last decimal. Took %s.%n",
                    instances,
                    seconds(took));
        } else {
            out.printf(Locale.ROOT, "  NOT EQUAL: %,d differences.%n", comparison.differenceCount());
            comparison.differences().forEach(difference -> out.println("    " + difference));
        }
        if (input.malformedLines > 0) {
            out.printf(
                    Locale.ROOT,
                    "  NOT COUNTED: %,d of %,d lines, listed above with their reasons; so the exit code is 1.%n",
                    input.malformedLines,
                    input.lines);
        }
    }

    private String sentTwiceWords() {
        return events.sentTwice == 0
                ? ""
                : String.format(Locale.ROOT, " (the generated traffic sends %,d events twice)", events.sentTwice);
    }

    private String notCountedWords() {
        long all =
                events.notCounted.values().stream().mapToLong(Long::longValue).sum();
        if (all == 0) {
            return ", none in quarantine";
        }
        StringBuilder words = new StringBuilder(String.format(Locale.ROOT, ", %,d not counted (", all));
        events.notCounted.forEach((why, count) -> words.append(String.format(Locale.ROOT, "%,d %s, ", count, why)));
        return words.substring(0, words.length() - 2) + ")";
    }

    private static void line(PrintStream out, String what, String format, Object... values) {
        out.printf(Locale.ROOT, "  %-10s ", what);
        out.printf(Locale.ROOT, format + "%n", values);
    }

    private static String canonical(BigDecimal amount) {
        return BillableAmount.canonical(amount).toPlainString();
    }

    private static String minutes(Duration after) {
        return String.format(Locale.ROOT, "%d min %02d s", after.toMinutes(), after.toSecondsPart());
    }

    private static String seconds(Duration took) {
        return String.format(Locale.ROOT, "%d:%02d min", took.toMinutes(), took.toSecondsPart());
    }
}
