package io.hourledger.benchmarks.aggregator;

import io.hourledger.benchmarks.load.LoadTopic;
import io.hourledger.benchmarks.load.LoadTotals;
import io.hourledger.benchmarks.peer.ConsumerLimit;
import io.hourledger.benchmarks.peer.KafkaStreamsPeer;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.CpuTime;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchFolders;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Deadline;
import io.hourledger.benchmarks.report.Figures;
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
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/** The programs in turns, each in a fresh JVM each time; what each stored is compared with the truth about the load. */
final class Rounds {

    /** Numbers of threads that are compared. */
    private static final List<Integer> THREADS = List.of(1, 2, 4);

    private static final String BROKER = "broker";

    private final Servers servers;
    private final LoadTopic topic;
    private final Path folder;
    private final Figures figures;
    private final BenchProgress progress;
    private final Deadline deadline;
    private final boolean profile;
    private final Map<AggregatorPart, Duration> took = new EnumMap<>(AggregatorPart.class);
    private @Nullable LoadTotals truth;
    private boolean allEqual = true;

    Rounds(
            Servers servers,
            LoadTopic topic,
            Path folder,
            Figures figures,
            BenchProgress progress,
            Deadline deadline,
            boolean profile) {
        this.servers = servers;
        this.topic = topic;
        this.folder = folder;
        this.figures = figures;
        this.progress = progress;
        this.deadline = deadline;
        this.profile = profile;
    }

    /** Runs every program once a round, but for the first only while time allows. Answers whether all stored sums were the load's. */
    boolean run(Set<AggregatorPart> parts, int first, int last) {
        for (int round = first; round <= last; round++) {
            for (AggregatorPart part : parts) {
                if (!part.inTurns()) {
                    continue;
                }
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

    /** Runs ours with each number of threads once a round. Answers whether all stored sums were the load's. */
    boolean byThreads(int rounds) {
        for (int round = 1; round <= rounds; round++) {
            for (int threads : THREADS) {
                int number = round;
                measure(AggregatorPart.SCALE + "-" + threads, round, program -> {
                    CpuTime cpu = CpuTime.since(Map.of(BROKER, servers.brokerProcessId()));
                    Map<String, Object> run =
                            ours(program, number, EventParser.SCANNER_FIRST, List.of(OurSettings.threads(threads)));
                    run.put("threads", threads);
                    run.put(
                            "broker_cpu_micros_per_event",
                            cpu.secondsOf(BROKER) * 1e6 / topic.load().events());
                    return run;
                });
                figures.median(AggregatorPart.SCALE + "-" + threads, "warm_eps")
                        .ifPresent(rate -> figures.figure("aggregator_eps_of_" + threads + "_threads", rate));
            }
        }
        return allEqual;
    }

    private void runOnce(AggregatorPart part, int round) {
        long startedAt = System.nanoTime();
        measure(part.toString(), round, program -> switch (part) {
            case LIMIT -> limit(part, round);
            case STREAMS_MEMORY -> streams(part, round, "memory", JvmFlags.STREAMS_MEMORY);
            case STREAMS_ROCKSDB -> streams(part, round, "rocksdb", JvmFlags.STREAMS_ROCKSDB);
            case OURS -> ours(program, round, EventParser.SCANNER_FIRST, List.of());
            case PLAIN -> ours(program, round, EventParser.JSON_ONLY, List.of());
            case LATE, IDS, RESTART, SCALE -> throw new IllegalArgumentException(part + " is not run in turns");
        });
        took.put(part, Duration.ofNanos(System.nanoTime() - startedAt));
        deriveFigures();
    }

    private void measure(String program, int round, Function<String, Map<String, Object>> running) {
        progress.start(program + ", round " + round, topic.load().events());
        double loadBefore = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        Map<String, Object> measured = running.apply(program);
        progress.done(topic.load().events());

        Map<String, Object> run = new LinkedHashMap<>();
        run.put("program", program);
        run.put("round", round);
        run.put("load_average_before", loadBefore);
        run.putAll(measured);
        figures.run(run);
    }

    private void deriveFigures() {
        figures.median(AggregatorPart.LIMIT.toString(), "warm_eps")
                .ifPresent(rate -> figures.figure("consumer_limit_eps", rate));
        double streams = Math.max(
                figures.median(AggregatorPart.STREAMS_MEMORY.toString(), "warm_eps")
                        .orElse(0),
                figures.median(AggregatorPart.STREAMS_ROCKSDB.toString(), "warm_eps")
                        .orElse(0));
        if (streams > 0) {
            figures.figure("kafka_streams_eps", streams);
        }
        figures.median(AggregatorPart.OURS.toString(), "cold_eps")
                .ifPresent(rate -> figures.figure("aggregator_cold_eps", rate));
        figures.median(AggregatorPart.OURS.toString(), "warm_eps")
                .ifPresent(rate -> figures.figure("aggregator_eps", rate));
        figures.median(AggregatorPart.PLAIN.toString(), "warm_eps")
                .ifPresent(rate -> figures.figure("aggregator_plain_parser_eps", rate));
    }

    private Map<String, Object> limit(AggregatorPart part, int round) {
        return ConsumerLimit.read(
                servers.bootstrapServers(),
                topic.name(),
                topic.load().events(),
                part + "-" + round,
                logs(),
                JvmFlags.READER);
    }

    private Map<String, Object> streams(AggregatorPart part, int round, String store, List<String> flags) {
        String application = "peer-" + UUID.randomUUID();
        Path state = folder.resolve("streams-state");
        Path sums = folder.resolve(part + ".sums.csv");
        BenchFolders.delete(state);
        try (ChildJvm jvm = ChildJvm.start(
                part + "-" + round,
                logs(),
                flags,
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
            compare(part.toString(), sums, measured);
            return measured;
        } finally {
            BenchFolders.delete(state);
            deleteTopics(application);
        }
    }

    private Map<String, Object> ours(String part, int round, EventParser parser, List<String> further) {
        Path sums = folder.resolve(part + ".sums.csv");
        try (OurDatabase database = OurDatabase.fresh(servers.database(), "ours_" + round);
                ChildJvm jvm = ChildJvm.start(
                        part + "-" + round,
                        logs(),
                        profile
                                ? JvmFlags.recording(JvmFlags.READER, logs().resolve(part + "-" + round + ".jfr"))
                                : JvmFlags.READER,
                        AggregatorProcess.class.getName(),
                        Stream.of(
                                        List.of(Long.toString(topic.load().events()), "0", sums.toString()),
                                        OurSettings.of(
                                                servers,
                                                topic,
                                                database,
                                                folder,
                                                parser,
                                                topic.load().from()),
                                        further)
                                .flatMap(List::stream)
                                .toList())) {
            Map<String, Object> measured = new LinkedHashMap<>(jvm.awaitResult(progress::at));
            compare(part, sums, measured);
            long expected = topic.load().events() - topic.distinct();
            if (((Number) measured.getOrDefault("duplicates", -1)).longValue() != expected) {
                allEqual = false;
                progress.say(part + " found " + measured.get("duplicates") + " repeats of " + expected);
            }
            return measured;
        }
    }

    private void compare(String part, Path sums, Map<String, Object> measured) {
        if (truth == null) {
            truth = topic.truth();
        }
        int differences = LoadTotals.read(sums).differencesFrom(truth);
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
}
