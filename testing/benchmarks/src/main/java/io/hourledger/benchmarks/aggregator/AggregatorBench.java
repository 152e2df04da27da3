package io.hourledger.benchmarks.aggregator;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.load.Workload;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchFolder;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Deadline;
import io.hourledger.benchmarks.report.Figures;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering bench aggregator}: the production wiring of the aggregator over one topic, in turns with its peers. */
@Command(
        name = "aggregator",
        description = "Counts a topic of usage events exactly once: reading alone, Kafka Streams, and ours, in turns.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class AggregatorBench implements Callable<Integer> {

    /** The whole bench ends within this time; rounds that no longer fit are left out. */
    private static final Duration LIMIT = Duration.ofMinutes(24);

    private static final int PARTITIONS = 4;
    private static final Instant FROM = Instant.parse("2026-09-01T08:00:00Z");
    private static final int HOURS = 3;
    private static final long SEED = 20_261_124;

    @Mixin
    private final BenchFolder folder = new BenchFolder();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Only these parts: ${COMPLETION-CANDIDATES}. scale runs only when it is asked for.")
    private @Nullable Set<AggregatorPart> only;

    @Option(
            names = "--events",
            defaultValue = "20000000",
            description = "How many events (default ${DEFAULT-VALUE}); fewer only for work, their figures say little.")
    private long events;

    @Option(
            names = "--instances",
            defaultValue = "20000",
            description = "How many instances (default ${DEFAULT-VALUE}).")
    private int instances;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description =
                    "How often each program runs, if time allows (default ${DEFAULT-VALUE}); figures are medians.")
    private int rounds;

    @Option(
            names = "--ids",
            defaultValue = "50000000",
            description =
                    "How many ids are held when ours starts again (default ${DEFAULT-VALUE}); fewer only for work.")
    private long ids;

    @Option(
            names = "--profile",
            description = "For work: record ours with Java's flight recorder, into the folder of the logs.")
    private boolean profile;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        BenchProgress progress = new BenchProgress(System.out);
        Deadline deadline = Deadline.in(LIMIT);
        Figures figures = folder.figures();
        Set<AggregatorPart> parts = only == null ? AggregatorPart.usual() : EnumSet.copyOf(only);
        Workload load = new Workload(events, instances, PARTITIONS, FROM, HOURS, SEED);
        figures.setting("load", describe(load));

        boolean equal;
        try (Servers servers = Servers.start(folder.path(), folder.logs())) {
            LoadTopic topic = new LoadTopic("usage-events", load, folder.path());
            if (parts.stream().anyMatch(AggregatorPart::inTurns) || parts.contains(AggregatorPart.SCALE)) {
                topic.ensureWritten(servers.bootstrapServers(), progress);
            }
            Rounds all = new Rounds(servers, topic, folder.path(), figures, progress, deadline, profile);
            equal = all.run(parts, 1, 1);
            if (parts.contains(AggregatorPart.LATE)) {
                equal &= new LateEvents(servers, folder.path(), figures, progress).run(load);
            }
            new IdsInMemory(servers, folder.path(), figures, progress).run(parts, ids);
            equal &= all.run(parts, 2, rounds);
            if (parts.contains(AggregatorPart.SCALE)) {
                equal &= all.byThreads(rounds);
            }
            if (only == null) {
                figures.complete();
            }
        }
        Table.print(figures, System.out);
        folder.clear();
        return equal ? 0 : 1;
    }

    private static Map<String, Object> describe(Workload load) {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("events", load.events());
        description.put("instances", load.instances());
        description.put("partitions", load.partitions());
        description.put("usage_hours", load.hours());
        description.put("repeats_per_cent", 1);
        description.put("bytes_of_an_event", load.json(0, new byte[36]).length);
        description.put("compression", "lz4");
        return description;
    }
}
