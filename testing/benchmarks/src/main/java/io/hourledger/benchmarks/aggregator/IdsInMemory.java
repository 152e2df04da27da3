package io.hourledger.benchmarks.aggregator;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Figures;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What many ids cost: heap, and time to start again. */
final class IdsInMemory {

    private static final String PEAK = "peak_bytes_per_id";

    private final Servers servers;
    private final Path folder;
    private final Figures figures;
    private final BenchProgress progress;
    private final LoadTopic topic;

    IdsInMemory(Servers servers, Path folder, Figures figures, BenchProgress progress) {
        this.servers = servers;
        this.folder = folder;
        this.figures = figures;
        this.progress = progress;
        this.topic = new LoadTopic("ids", IdLoad.OF_INSTANCES, folder);
    }

    /** The parts that are wanted, at so many ids; the heap also at a fifth of them, where all else weighs more. */
    void run(Set<AggregatorPart> parts, long ids) {
        boolean heap = parts.contains(AggregatorPart.IDS);
        boolean restart = parts.contains(AggregatorPart.RESTART);
        if (!heap && !restart) {
            return;
        }
        topic.ensureWritten(servers.bootstrapServers(), progress);
        double few = 0;
        if (heap) {
            try (OurDatabase database = OurDatabase.fresh(servers.database(), "ids_few")) {
                layDown(database, ids / 5);
                few = Figures.number(restart(database, AggregatorPart.IDS, "memory"), PEAK);
            }
        }
        try (OurDatabase database = OurDatabase.fresh(servers.database(), "ids_many")) {
            layDown(database, ids);
            if (heap) {
                double many = Figures.number(restart(database, AggregatorPart.IDS, "memory"), PEAK);
                figures.figure("bytes_per_id", Math.max(few, many));
            }
            if (restart) {
                Map<String, Object> run = restart(database, AggregatorPart.RESTART, "time");
                figures.figure("restart_50m_s", Figures.number(run, "restart_s"));
            }
        }
    }

    private void layDown(OurDatabase database, long ids) {
        progress.start("laying down ids", ids);
        List<String> arguments = List.of(
                servers.database().jdbcUrl(database.name()),
                servers.database().user(),
                servers.database().password(),
                servers.bootstrapServers(),
                topic.name(),
                Long.toString(ids));
        try (ChildJvm jvm =
                ChildJvm.start("lay-down-ids", logs(), JvmFlags.READER, LayDownIdsProcess.class.getName(), arguments)) {
            jvm.awaitResult(progress::at);
        }
        progress.done(ids);
    }

    private Map<String, Object> restart(OurDatabase database, AggregatorPart part, String what) {
        progress.start("starting again, " + what, 0);
        List<String> arguments = Stream.concat(
                        Stream.of(what),
                        OurSettings.of(servers, topic, database, folder, EventParser.SCANNER_FIRST, IdLoad.FROM)
                                .stream())
                .toList();
        try (ChildJvm jvm = ChildJvm.start(
                database.name() + "-" + what, logs(), JvmFlags.MANY_IDS, RestartProcess.class.getName(), arguments)) {
            Map<String, Object> run = new LinkedHashMap<>();
            run.put("program", part.toString());
            run.put("measured", what);
            run.putAll(jvm.awaitResult(progress::at));
            figures.run(run);
            progress.say(part + ": " + run);
            return run;
        }
    }

    private Path logs() {
        return folder.resolve("logs");
    }
}
