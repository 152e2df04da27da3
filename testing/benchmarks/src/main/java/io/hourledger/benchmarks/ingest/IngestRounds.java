package io.hourledger.benchmarks.ingest;

import io.hourledger.benchmarks.ingest.HttpLoad.Measured;
import io.hourledger.benchmarks.ingest.IngestBench.Load;
import io.hourledger.benchmarks.load.EventsInMemory;
import io.hourledger.benchmarks.peer.ProducerLimit;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.CpuTime;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchFolder;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Deadline;
import io.hourledger.benchmarks.report.Figures;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;

/**
 * The programs in turns. Each server lives through all rounds, so that it is warmed up once, and stands still while another is measured.
 * After each run the topic must hold as many records as were acknowledged, or more.
 */
final class IngestRounds implements AutoCloseable {

    private static final List<String> PRODUCER_FLAGS = List.of("-XX:+UseParallelGC", "-Xms512m", "-Xmx512m");
    private static final String BROKER = "broker";
    private static final String SERVER = "server";
    private static final String LOAD_GENERATOR = "load_generator";
    private static final String PRODUCER_TOPIC = "producer";
    private static final BenchProgress QUIET = new BenchProgress(new PrintStream(OutputStream.nullOutputStream()));
    private static final Duration LOOK_AT_MEMORY_EVERY = Duration.ofSeconds(30);

    /** What is told of how rounds go on, beside the seconds that are measured: connecting, and a JVM for the producer. */
    private static final Duration BESIDE_A_RUN = Duration.ofSeconds(2);

    private final Servers servers;
    private final Admin admin;
    private final BenchFolder folder;
    private final Load load;
    private final Figures figures;
    private final BenchProgress progress;
    private final PreparedRequests singles;
    private final PreparedRequests batches;
    private final Map<IngestPart, MeasuredServer> serverOf = new EnumMap<>(IngestPart.class);
    private final List<MeasuredServer> started = new ArrayList<>();
    private final BoundedTopic producerTopic;

    IngestRounds(Servers servers, Admin admin, BenchFolder folder, Load load, Figures figures, BenchProgress progress) {
        this.servers = servers;
        this.admin = admin;
        this.folder = folder;
        this.load = load;
        this.figures = figures;
        this.progress = progress;
        this.singles = PreparedRequests.singles(load.events(), MeasuredServer.KEY);
        this.batches = PreparedRequests.batches(load.events(), load.batch(), MeasuredServer.KEY);
        this.producerTopic = topic(PRODUCER_TOPIC);
    }

    private BoundedTopic topic(String name) {
        return BoundedTopic.create(admin, name, EventsInMemory.partitions());
    }

    /** Starts the servers that these parts need, and lets each work. The producer is warmed up in each of its JVMs. */
    void warmUp(Set<IngestPart> parts) throws IOException {
        for (IngestPart part : parts) {
            if (part != IngestPart.PRODUCER) {
                MeasuredServer server = server(part);
                Duration time = part == IngestPart.HALF_LOAD
                        ? Duration.ZERO
                        : load.warmUp().dividedBy(2);
                if (!time.isZero()) {
                    progress.say("warming up " + part);
                    send(part, server, time, HttpLoad.AS_ANSWERED, QUIET);
                }
            }
        }
    }

    private MeasuredServer server(IngestPart part) throws IOException {
        IngestPart first =
                switch (part) {
                    case MVC_BATCH, MVC_SINGLE -> IngestPart.MVC_BATCH;
                    case MVC_VIRTUAL_BATCH, MVC_VIRTUAL_SINGLE -> IngestPart.MVC_VIRTUAL_BATCH;
                    case INGEST_BATCH, INGEST_SINGLE, HALF_LOAD -> IngestPart.INGEST_BATCH;
                    case PRODUCER -> throw new IllegalArgumentException("the producer is no server");
                };
        MeasuredServer known = serverOf.get(first);
        if (known == null) {
            known = switch (first) {
                case MVC_BATCH -> MeasuredServer.mvc(topic("mvc"), servers.bootstrapServers(), false, folder.logs());
                case MVC_VIRTUAL_BATCH ->
                    MeasuredServer.mvc(topic("mvc-virtual"), servers.bootstrapServers(), true, folder.logs());
                default ->
                    MeasuredServer.ours(
                            topic("usage-events"), servers.bootstrapServers(), folder.path(), folder.logs());
            };
            started.add(known);
            serverOf.put(first, known);
        }
        return known;
    }

    /** Runs every part once a round, but for the first only while time allows. Answers whether all that was acknowledged is in the log. */
    boolean run(Set<IngestPart> parts, int rounds, Deadline deadline, Duration reserved) throws IOException {
        boolean allInLog = true;
        for (int round = 1; round <= rounds; round++) {
            for (IngestPart part : parts) {
                Duration needed = load.measured()
                        .plus(BESIDE_A_RUN)
                        .plus(part == IngestPart.PRODUCER ? load.warmUp() : Duration.ZERO);
                if (!part.inTurns()) {
                    continue;
                }
                if (round > 1 && !deadline.leavesTimeFor(needed.plus(reserved))) {
                    progress.say("no time is left for round " + round + " of " + part);
                    continue;
                }
                allInLog &= part == IngestPart.PRODUCER ? producer(round) : overHttp(part, round);
            }
        }
        return allInLog;
    }

    private boolean producer(int round) throws IOException {
        long before = producerTopic.written();
        progress.start(IngestPart.PRODUCER + ", round " + round, 0);
        double loadBefore = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        List<String> arguments = List.of(
                servers.bootstrapServers(),
                producerTopic.name(),
                Integer.toString(load.events().size()),
                Long.toString(load.warmUp().toSeconds()),
                Long.toString(load.measured().toSeconds()));
        try (ChildJvm jvm = ChildJvm.start(
                "producer-" + round, folder.logs(), PRODUCER_FLAGS, ProducerLimit.class.getName(), arguments)) {
            Map<String, Object> measured = jvm.awaitResult(done -> {});
            progress.done((long) Figures.number(measured, "events"));
            Map<String, Object> run = about(IngestPart.PRODUCER, round, loadBefore);
            run.putAll(measured);
            long accepted = (long) Figures.number(measured, "accepted");
            return store(run, accepted, producerTopic.written() - before);
        }
    }

    private boolean overHttp(IngestPart part, int round) throws IOException {
        MeasuredServer server = server(part);
        long before = server.topic().written();
        double loadBefore = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        progress.start(part + ", round " + round, 0);
        CpuTime cpu = cpu(server);
        Measured measured = send(part, server, load.measured(), HttpLoad.AS_ANSWERED, progress);
        progress.done(measured.nanos().length * (long) measured.eventsOfOne());
        Map<String, Object> run = about(part, round, loadBefore);
        run.putAll(measured.facts());
        run.put("cpu_us_per_event", cpu.secondsOf(SERVER) * 1e6 / measured.accepted());
        run.put("share_of_all_cores", cpu.shares());
        return store(run, measured.accepted(), server.topic().written() - before) && measured.failed() == 0;
    }

    /** Ours at half of what it took in the rounds. */
    boolean halfLoad(Duration time) throws IOException {
        MeasuredServer server = server(IngestPart.HALF_LOAD);
        double full = figures.median(IngestPart.INGEST_BATCH.toString(), "rps")
                .orElseThrow(() -> new IllegalStateException(
                        IngestPart.HALF_LOAD + " needs the rate of " + IngestPart.INGEST_BATCH));
        long before = server.topic().written();
        double loadBefore = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        List<Long> megabytes = new ArrayList<>();
        List<Measured> stretches = new ArrayList<>();
        long of = time.dividedBy(LOOK_AT_MEMORY_EVERY);
        progress.start(IngestPart.HALF_LOAD.toString(), of);
        CpuTime cpu = cpu(server);
        try (HttpLoad http = new HttpLoad(server.address(), load.connections(), batches)) {
            for (long stretch = 0; stretch < of; stretch++) {
                stretches.add(http.run(LOOK_AT_MEMORY_EVERY, full / 2, QUIET));
                megabytes.add(server.residentMegabytes());
                progress.at(stretch + 1);
            }
        }
        Measured measured = Measured.all(stretches);
        progress.done(of);
        Map<String, Object> run = about(IngestPart.HALF_LOAD, 1, loadBefore);
        run.putAll(measured.facts());
        run.put("rps_asked_for", full / 2);
        run.put("share_of_all_cores", cpu.shares());
        run.put("resident_mb_every_30_s", megabytes);
        figures.figure("batch_p99_half_load_ms", measured.millisOf(0.99));
        return store(run, measured.accepted(), server.topic().written() - before) && measured.failed() == 0;
    }

    private Measured send(IngestPart part, MeasuredServer server, Duration time, double perSecond, BenchProgress shown)
            throws IOException {
        try (HttpLoad http = new HttpLoad(server.address(), load.connections(), part.single() ? singles : batches)) {
            return http.run(time, perSecond, shown);
        }
    }

    private CpuTime cpu(MeasuredServer server) {
        Map<String, Long> processes = new LinkedHashMap<>();
        processes.put(SERVER, server.processId());
        processes.put(BROKER, servers.brokerProcessId());
        processes.put(LOAD_GENERATOR, ProcessHandle.current().pid());
        return CpuTime.since(processes);
    }

    private static Map<String, Object> about(IngestPart part, int round, double loadBefore) {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("program", part.toString());
        run.put("round", round);
        run.put("load_average_before", loadBefore);
        return run;
    }

    private boolean store(Map<String, Object> run, long accepted, long written) {
        run.put("events_acknowledged", accepted);
        run.put("events_in_the_log", written);
        figures.run(run);
        median("producer_limit_eps", IngestPart.PRODUCER, "eps");
        median("producer_cpu_us_per_event", IngestPart.PRODUCER, "cpu_us_per_event");
        median("mvc_batch_eps", IngestPart.MVC_BATCH, "eps");
        median("mvc_virtual_batch_eps", IngestPart.MVC_VIRTUAL_BATCH, "eps");
        median("ingest_batch_eps", IngestPart.INGEST_BATCH, "eps");
        median("ingest_batch_cpu_us_per_event", IngestPart.INGEST_BATCH, "cpu_us_per_event");
        median("mvc_single_rps", IngestPart.MVC_SINGLE, "rps");
        median("mvc_virtual_single_rps", IngestPart.MVC_VIRTUAL_SINGLE, "rps");
        median("ingest_single_rps", IngestPart.INGEST_SINGLE, "rps");
        median("ingest_single_cpu_us_per_event", IngestPart.INGEST_SINGLE, "cpu_us_per_event");
        return written >= accepted;
    }

    private void median(String figure, IngestPart part, String number) {
        figures.median(part.toString(), number).ifPresent(value -> figures.figure(figure, value));
    }

    @Override
    public void close() {
        started.forEach(MeasuredServer::close);
    }
}
