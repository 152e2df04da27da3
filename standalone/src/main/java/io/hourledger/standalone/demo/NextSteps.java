package io.hourledger.standalone.demo;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.standalone.stack.DataDirectory;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * What a person may look at after a demo: some of its records, and a command for each who asks.
 *
 * @param samples the first records
 */
record NextSteps(DataDirectory folder, List<ReportFile.Row> samples) {

    private static final DateTimeFormatter MONTH =
            DateTimeFormatter.ofPattern("uuuu-MM").withZone(ZoneOffset.UTC);

    void print(PrintStream out) {
        if (samples.isEmpty()) {
            return;
        }
        out.printf("%n  Some of its usage records (times in UTC):%n");
        for (ReportFile.Row row : samples) {
            out.printf(
                    Locale.ROOT,
                    "    %-18s %-10s %s  %s  %s%n",
                    row.buyer(),
                    row.meter(),
                    row.billed().begin(),
                    BillableAmount.canonical(row.billed().amount()).toPlainString(),
                    row.billed().meteringSn());
        }
        BilledRecord first = samples.get(0).billed();
        String dataDir = " --data-dir " + quoted(shortest(folder.path()));
        out.printf("%n  To look at next, on this demo's data:%n");
        step(out, "app developer", "which events are in a record", "trace" + dataDir + " " + first.meteringSn());
        step(
                out,
                "finance",
                "an instance's bill of a month",
                "statement" + dataDir + " --instance " + first.instanceId() + " --month "
                        + MONTH.format(first.begin()));
        step(out, "SRE", "whether the ledger is sound", "verify" + dataDir + " --only equation --only events");
    }

    private static void step(PrintStream out, String who, String what, String command) {
        out.printf("    %-14s %-30s ./metering ledger %s%n", who, what, command);
    }

    private static Path shortest(Path path) {
        Path here = Path.of("").toAbsolutePath();
        return path.startsWith(here) ? here.relativize(path) : path;
    }

    private static String quoted(Path path) {
        String text = path.toString();
        return text.chars().allMatch(c -> Character.isLetterOrDigit(c) || "/._-".indexOf(c) >= 0)
                ? text
                : "'" + text.replace("'", "'\\''") + "'";
    }
}
