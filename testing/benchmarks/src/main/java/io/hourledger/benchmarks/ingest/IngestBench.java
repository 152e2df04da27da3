package io.hourledger.benchmarks.ingest;

import io.hourledger.benchmarks.load.EventsInMemory;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchFolder;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Deadline;
import io.hourledger.benchmarks.report.Figures;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering bench ingest}: taking events over HTTP, in turns with a plain producer and a plain controller. */
@Command(
        name = "ingest",
        description = "Brings events to Kafka: a plain producer, a plain Spring controller, and ours, in turns.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class IngestBench implements Callable<Integer> {

    /** The whole bench ends within this time; rounds that no longer fit are left out. */
    private static final Duration LIMIT = Duration.ofMinutes(24);

    private static final int BATCH = 500;

    @Mixin
    private final BenchFolder folder = new BenchFolder();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Only these parts: ${COMPLETION-CANDIDATES}.")
    private @Nullable Set<IngestPart> only;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often each part runs, if time allows (default ${DEFAULT-VALUE}); figures are medians.")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "20",
            description = "How long each run is measured (default ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "60",
            paramLabel = "SECONDS",
            description = "How long each program works before it is measured (default ${DEFAULT-VALUE}); fewer only for"
                    + " work.")
    private int warmUp;

    @Option(
            names = "--half-load",
            defaultValue = "10",
            paramLabel = "MINUTES",
            description = "How long ours works at half its rate (default ${DEFAULT-VALUE}).")
    private int halfLoadMinutes;

    @Option(
            names = "--connections",
            defaultValue = "64",
            description = "From how many connections requests come (default ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--events",
            defaultValue = "100000",
            description = "How many different events are sent again and again (default ${DEFAULT-VALUE}).")
    private int events;

    @Override
    public Integer call() throws IOException {
        BenchProgress progress = new BenchProgress(System.out);
        Deadline deadline = Deadline.in(LIMIT);
        Figures figures = folder.figures();
        figures.setting("load", describe());
        Set<IngestPart> parts = only == null ? EnumSet.allOf(IngestPart.class) : EnumSet.copyOf(only);
        Load load = new Load(
                EventsInMemory.make(events),
                BATCH,
                connections,
                Duration.ofSeconds(seconds),
                Duration.ofSeconds(warmUp));
        boolean allInLog;
        try (Servers servers = Servers.start(folder.path(), folder.logs());
                Admin admin =
                        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers.bootstrapServers()));
                IngestRounds all = new IngestRounds(servers, admin, folder, load, figures, progress)) {
            all.warmUp(parts);
            Duration reserved =
                    parts.contains(IngestPart.HALF_LOAD) ? Duration.ofMinutes(halfLoadMinutes) : Duration.ZERO;
            allInLog = all.run(parts, rounds, deadline, reserved);
            if (parts.contains(IngestPart.HALF_LOAD)) {
                allInLog &= all.halfLoad(Duration.ofMinutes(halfLoadMinutes));
            }
        }
        if (only == null) {
            figures.complete();
        }
        figures.all().forEach((name, value) -> progress.say(String.format("%-32s %s", name, value)));
        folder.clear();
        return allInLog ? 0 : 1;
    }

    /** What is sent, and for how long. */
    record Load(List<EventsInMemory.Event> events, int batch, int connections, Duration measured, Duration warmUp) {}

    private Map<String, Object> describe() {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("different_events", events);
        description.put("partitions", EventsInMemory.partitions());
        description.put("events_of_a_batch", BATCH);
        description.put("connections", connections);
        description.put("seconds_of_a_run", seconds);
        description.put("seconds_of_warm_up", warmUp);
        description.put("bytes_of_an_event", EventsInMemory.make(1).getFirst().json().length);
        description.put("compression", "lz4");
        return description;
    }
}
