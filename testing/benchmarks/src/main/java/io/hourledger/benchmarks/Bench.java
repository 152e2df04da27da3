package io.hourledger.benchmarks;

import io.hourledger.benchmarks.aggregator.AggregatorBench;
import io.hourledger.benchmarks.client.ClientBench;
import io.hourledger.benchmarks.console.ConsoleBench;
import io.hourledger.benchmarks.gallery.CallbacksBench;
import io.hourledger.benchmarks.gallery.GalleryBench;
import io.hourledger.benchmarks.ingest.IngestBench;
import io.hourledger.benchmarks.ledger.LedgerBench;
import io.hourledger.benchmarks.process.ChildJvm;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./metering bench}: what Hourledger does, beside what its peers can do, on this machine and in one run. */
@Command(
        name = "bench",
        description = "Measures Hourledger against its peers, in one run.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AggregatorBench.class,
            LedgerBench.class,
            ClientBench.class,
            GalleryBench.class,
            CallbacksBench.class,
            IngestBench.class,
            ConsoleBench.class
        })
public final class Bench {

    /** Takes the bench's name and its options. */
    public static void main(String[] arguments) {
        System.setProperty("logback.configurationFile", ChildJvm.LOG_SETTINGS);
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }
}
