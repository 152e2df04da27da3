package io.hourledger.benchmarks.aggregator;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.load.Truth;
import io.hourledger.benchmarks.peer.ConsumerLimit;
import io.hourledger.benchmarks.peer.KafkaStreamsPeer;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.Deadline;
import io.hourledger.benchmarks.report.Figures;
import io.hourledger.benchmarks.report.Folders;
import io.hourledger.benchmarks.report.Progress;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/** The programs in turns, each in a fresh JVM each time; what each stored is compared with the truth about the load. */
final class Rounds {

    /** The same for all: collector, huge pages, and a heap that leaves the page cache enough for the topic. */
    private static final List<String> COMMON_FLAGS =
            List.of("-XX:+UseParallelGC", "-XX:+UseTransparentHugePages", "-Duser.language=en", "-Duser.timezone=UTC");

    private static final List<String> READER_HEAP = List.of("-Xms2g", "-Xmx2g");
    private static final List<String> STREAMS_MEMORY_HEAP = List.of("-Xms6g", "-Xmx6g");
    private static final List<String> STREAMS_ROCKSDB_HEAP = List.of("-Xms2g", "-Xmx2g");

    private final Servers servers;
    private final LoadTopic topic;
    private final Path folder;
    private final Figures figures;
    private final Progress progress;
    private final Deadline deadline;
    private final Map<Part, Duration> took = new EnumMap<>(Part.class);
    private final Truth truth;
    private boolean allEqual = true;

    Rounds(Servers servers, LoadTopic topic, Path folder, Figures figures, Progress progress, Deadline deadline) {
        this.servers = servers;
        this.topic = topic;
        this.folder = folder;
        this.figures = figures;
        this.progress = progress;
        this.deadline = deadline;
        this.truth = topic.truth();
    }

    /** Runs every part once, then again while time allows. Answers whether all stored sums were the load's. */
    boolean run(Set<Part> parts, int rounds) {
        for (int round = 1; round <= rounds; round++) {
            for (Part part : parts) {
                Duration before = took.getOrDefault(part, Duration.ZERO);
                if (!deadline.leavesTimeFor(before)) {
                    progress.say("no time is left for round " + round + " of " + part);
                    continue;
                }
                runOnce(part, round);
            }
        }
        return allEqual;
    }

    private void runOnce(Part part, int round) {
        progress.start(part + ", round " + round, topic.load().events());
        double loadBefore = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        long startedAt = System.nanoTime();
        Map<String, Object> measured =
                switch (part) {
                    case LIMIT -> limit(part, round);
                    case STREAMS_MEMORY -> streams(part, round, "memory", STREAMS_MEMORY_HEAP);
                    case STREAMS_ROCKSDB -> streams(part, round, "rocksdb", STREAMS_ROCKSDB_HEAP);
                };
        took.put(part, Duration.ofNanos(System.nanoTime() - startedAt));
        progress.done(topic.load().events());

        Map<String, Object> run = new LinkedHashMap<>();
        run.put("program", part.toString());
        run.put("round", round);
        run.put("load_average_before", loadBefore);
        run.putAll(measured);
        figures.run(run);
        deriveFigures();
    }

    private void deriveFigures() {
        figures.median(Part.LIMIT.toString(), "warm_eps").ifPresent(rate -> figures.figure("consumer_limit_eps", rate));
        double streams = Math.max(
                figures.median(Part.STREAMS_MEMORY.toString(), "warm_eps").orElse(0),
                figures.median(Part.STREAMS_ROCKSDB.toString(), "warm_eps").orElse(0));
        if (streams > 0) {
            figures.figure("kafka_streams_eps", streams);
        }
    }

    private Map<String, Object> limit(Part part, int round) {
        return ConsumerLimit.read(
                servers.bootstrapServers(),
                topic.name(),
                topic.load().events(),
                part + "-" + round,
                logs(),
                flags(READER_HEAP));
    }

    private Map<String, Object> streams(Part part, int round, String store, List<String> heap) {
        String application = "peer-" + UUID.randomUUID();
        Path state = folder.resolve("streams-state");
        Path sums = folder.resolve(part + ".sums.csv");
        Folders.delete(state);
        try (ChildJvm jvm = ChildJvm.start(
                part + "-" + round,
                logs(),
                flags(heap),
                KafkaStreamsPeer.class.getName(),
                List.of(
                        servers.bootstrapServers(),
                        topic.name(),
                        Long.toString(topic.load().events()),
                        application,
                        store,
                        state.toString(),
                        sums.toString()))) {
            Map<String, Object> measured = new LinkedHashMap<>(jvm.awaitResult(progress::at));
            compare(part, sums, measured);
            return measured;
        } finally {
            Folders.delete(state);
            deleteTopics(application);
        }
    }

    private void compare(Part part, Path sums, Map<String, Object> measured) {
        int differences = Truth.read(sums).differencesFrom(truth);
        measured.put("sums_compared", truth.size());
        measured.put("sums_that_differ", differences);
        if (differences > 0) {
            allEqual = false;
            progress.say(part + " stored " + differences + " sums that are not the load's");
        }
    }

    private void deleteTopics(String application) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers.bootstrapServers()))) {
            List<String> changelogs = admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith(application))
                    .toList();
            admin.deleteTopics(changelogs).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the changelogs of " + application + " cannot be deleted", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while changelogs were deleted", e);
        }
    }

    private Path logs() {
        return folder.resolve("logs");
    }

    private static List<String> flags(List<String> heap) {
        return Stream.concat(COMMON_FLAGS.stream(), heap.stream()).toList();
    }
}
