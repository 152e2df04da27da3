package io.hourledger.benchmarks.aggregator;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.load.LoadTotals;
import io.hourledger.benchmarks.load.LoadWriter;
import io.hourledger.benchmarks.load.Workload;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * Ours with one event in a hundred sent again long after its hour was sealed, so that each of these is looked up on disk. First an hour is
 * counted, closed and sealed by the service itself; six hours later come the usual three, as many events as ours counts, in which every repeat is one of that old hour.
 */
final class LateEvents {

    private static final Duration LATER = Duration.ofHours(6);
    private static final int SEED_OF_OLD = 77;

    private final Servers servers;
    private final Path folder;
    private final Figures figures;
    private final BenchProgress progress;

    LateEvents(Servers servers, Path folder, Figures figures, BenchProgress progress) {
        this.servers = servers;
        this.folder = folder;
        this.figures = figures;
        this.progress = progress;
    }

    /** Answers whether the stored sums were right. */
    boolean run(Workload like) throws IOException, InterruptedException, ExecutionException {
        String name = "late-" + UUID.randomUUID();
        Workload old =
                new Workload(like.events() / 20, like.instances(), like.partitions(), like.from(), 1, SEED_OF_OLD);
        Instant later = like.from().plus(LATER);
        Workload recent =
                new Workload(like.events(), like.instances(), like.partitions(), later, like.hours(), like.seed());
        LoadTopic topic = new LoadTopic(name, recent, folder);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers.bootstrapServers()));
                OurDatabase database = OurDatabase.fresh(servers.database(), "ours_late")) {
            LoadTopic.create(admin, name, like.partitions());
            try {
                LoadWriter.Written before = new LoadWriter(servers.bootstrapServers(), name, old, null).write(progress);
                seal(topic, database, old.events(), later);
                LoadWriter.Written after =
                        new LoadWriter(servers.bootstrapServers(), name, recent, old).write(progress);
                Path truth = folder.resolve("late.truth.csv");
                LoadTotals.write(truth, old, before.sums());
                LoadTotals.append(truth, recent, after.sums());
                long repeats = old.events() - before.distinct() + recent.events() - after.distinct();
                return measure(topic, database, old, recent, repeats, later, truth);
            } finally {
                admin.deleteTopics(List.of(name)).all().get();
            }
        }
    }

    private void seal(LoadTopic topic, OurDatabase database, long events, Instant later) {
        progress.start("sealing an old hour", events);
        List<String> arguments = Stream.concat(
                        Stream.of(Long.toString(events)),
                        OurSettings.of(servers, topic, database, folder, EventParser.SCANNER_FIRST, later).stream())
                .toList();
        try (ChildJvm jvm =
                ChildJvm.start("late-seal", logs(), JvmFlags.READER, SealProcess.class.getName(), arguments)) {
            jvm.awaitResult(progress::at);
        }
        progress.done(events);
    }

    private boolean measure(
            LoadTopic topic,
            OurDatabase database,
            Workload old,
            Workload recent,
            long repeats,
            Instant later,
            Path truthFile) {
        progress.start(AggregatorPart.LATE.toString(), recent.events());
        Path sums = folder.resolve("late.sums.csv");
        List<String> arguments = Stream.concat(
                        Stream.of(
                                Long.toString(old.events() + recent.events()),
                                Long.toString(old.events()),
                                sums.toString()),
                        OurSettings.of(servers, topic, database, folder, EventParser.SCANNER_FIRST, later).stream())
                .toList();
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("program", AggregatorPart.LATE.toString());
        try (ChildJvm jvm =
                ChildJvm.start("late", logs(), JvmFlags.READER, AggregatorProcess.class.getName(), arguments)) {
            run.putAll(jvm.awaitResult(progress::at));
        }
        progress.done(recent.events());
        LoadTotals truth = LoadTotals.read(truthFile);
        int differences = LoadTotals.read(sums).differencesFrom(truth);
        run.put("sums_compared", truth.size());
        run.put("sums_that_differ", differences);
        run.put("repeats_written", repeats);
        figures.run(run);
        figures.figure("aggregator_late_eps", Figures.number(run, "warm_eps"));
        figures.median(AggregatorPart.OURS.toString(), "warm_eps")
                .ifPresent(usual -> figures.figure("late_share_of_usual", Figures.number(run, "warm_eps") / usual));
        return differences == 0 && Figures.number(run, "duplicates") == repeats;
    }

    private Path logs() {
        return folder.resolve("logs");
    }
}
