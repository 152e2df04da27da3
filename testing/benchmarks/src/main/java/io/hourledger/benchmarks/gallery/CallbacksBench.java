package io.hourledger.benchmarks.gallery;

import io.hourledger.benchmarks.gallery.CallbackClient.Measured;
import io.hourledger.benchmarks.gallery.PushedStack.Limits;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchFolder;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Figures;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering bench callbacks}: how soon the marketplace's calls are answered, and apps are told, while much else is done. */
@Command(
        name = "callbacks",
        description =
                "Calls newInstance while an hour closes, and queryInstance among many instances; and waits for notices.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class CallbacksBench implements Callable<Integer> {

    private static final int NEW_INSTANCES_A_SECOND = 200;
    private static final int QUERIES_A_SECOND = 20;
    private static final int IDS_OF_A_QUERY = 100;
    private static final int NOTICES_A_SECOND = 20;
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(10);
    private static final int WARM_UP_SECONDS = 10;

    /** The marketplace's, so that pushing goes on beside the calls. */
    private static final Limits PUSHING = new Limits(10, 0, 1000);

    /** Business time: the hour that closes has just ended. */
    private static final Instant AFTER_THE_HOUR = RecordLoad.END.plus(Duration.ofMinutes(62));

    private static final String SUCCESS = "000000";
    private static final long SEED = 20261124;

    @Mixin
    private final BenchFolder folder = new BenchFolder();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Only these parts: ${COMPLETION-CANDIDATES}.")
    private @Nullable Set<CallbacksPart> only;

    @Option(
            names = "--closing",
            defaultValue = "100000",
            description = "Instances whose hour closes during new-instance, and that have a threshold during notice"
                    + " (default ${DEFAULT-VALUE}); fewer only for work.")
    private int closing;

    @Option(
            names = "--instances",
            defaultValue = "1000000",
            description = "Instances of query (default ${DEFAULT-VALUE}); fewer only for work.")
    private int instances;

    @Option(
            names = "--seconds",
            defaultValue = "120",
            description = "How long each part calls (default ${DEFAULT-VALUE}).")
    private int seconds;

    private final BenchProgress progress = new BenchProgress(System.out);

    @Override
    public Integer call() throws IOException, InterruptedException {
        Figures figures = folder.figures();
        Set<CallbacksPart> parts = only == null ? EnumSet.allOf(CallbacksPart.class) : EnumSet.copyOf(only);
        boolean allAnswered = true;
        try (Servers servers = Servers.start(folder.path(), folder.logs())) {
            for (CallbacksPart part : parts) {
                allAnswered &= switch (part) {
                    case NEW_INSTANCE -> newInstance(servers, figures);
                    case QUERY -> query(servers, figures);
                    case NOTICE -> notice(servers, figures);
                };
            }
        }
        figures.all().forEach((name, value) -> progress.say(String.format("%-32s %s", name, value)));
        folder.clear();
        return allAnswered ? 0 : 1;
    }

    /** Each call looks its order up at the marketplace, opens an instance in the ledger, and is stored with its answer. */
    private boolean newInstance(Servers servers, Figures figures) throws IOException, InterruptedException {
        int calls = NEW_INSTANCES_A_SECOND * seconds;
        int warmUp = NEW_INSTANCES_A_SECOND * WARM_UP_SECONDS / 4;
        RecordLoad load = new RecordLoad(closing, 0, 0);
        try (PushedStack stack = PushedStack.layDown(servers, folder.logs(), "new_instance", load, progress);
                ExecutorService beside = Executors.newSingleThreadExecutor()) {
            stack.placeOrders(calls + warmUp);
            stack.start(AFTER_THE_HOUR, PUSHING, folder.path());
            try (CallbackClient marketplace = new CallbackClient(stack.callbacks(), PushedStack.KEY)) {
                progress.start("new-instance: warming up", warmUp);
                marketplace.call(warmUp, NEW_INSTANCES_A_SECOND / 4, CallbacksBench::newInstanceCall, progress);
                progress.done(warmUp);
                BenchProgress quiet = new BenchProgress(new PrintStream(OutputStream.nullOutputStream()));
                Future<?> hour = beside.submit(() -> stack.meterFreshHour(closing, quiet));
                progress.start("new-instance, while an hour closes", calls);
                Measured measured = marketplace.call(
                        calls, NEW_INSTANCES_A_SECOND, number -> newInstanceCall(warmUp + number), progress);
                progress.done(calls);
                boolean closedMeanwhile = hour.isDone();
                long acceptedMeanwhile = stack.accepted();
                hour.get();
                Map<String, Object> run = new LinkedHashMap<>();
                run.put("program", CallbacksPart.NEW_INSTANCE.toString());
                run.put("calls_per_second", NEW_INSTANCES_A_SECOND);
                run.put("instances_whose_hour_closed", closing);
                run.put("all_hours_were_metered_meanwhile", closedMeanwhile);
                run.put("records_accepted_meanwhile", acceptedMeanwhile);
                run.putAll(measured.facts());
                figures.run(run);
                figures.figure("new_instance_p99_ms", measured.millisOf(0.99));
                return measured.late() == 0 && measured.answered(SUCCESS) == calls;
            }
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the hour could not be closed", failed.getCause());
        }
    }

    private static String newInstanceCall(int number) {
        String order = PushedStack.order(number);
        return """
                {"activity":"newInstance","businessId":"new-%s","orderId":"%s","orderLineId":"%s-000001"}"""
                .formatted(order, order, order);
    }

    /** A tenth of the instances have an hour; pushing of it goes on meanwhile. */
    private boolean query(Servers servers, Figures figures) throws IOException {
        int calls = QUERIES_A_SECOND * seconds;
        int warmUp = QUERIES_A_SECOND * WARM_UP_SECONDS;
        RecordLoad load = new RecordLoad(instances, 0, 0);
        try (PushedStack stack = PushedStack.layDown(servers, folder.logs(), "query", load, progress)) {
            stack.start(AFTER_THE_HOUR, PUSHING, folder.path());
            stack.meterFreshHour(Math.max(1, instances / 10), progress);
            try (CallbackClient marketplace = new CallbackClient(stack.callbacks(), PushedStack.KEY)) {
                progress.start("query: warming up", warmUp);
                marketplace.call(warmUp, QUERIES_A_SECOND, number -> queryCall(-1 - number), progress);
                progress.done(warmUp);
                progress.start("query of " + IDS_OF_A_QUERY + " ids", calls);
                Measured measured = marketplace.call(calls, QUERIES_A_SECOND, this::queryCall, progress);
                progress.done(calls);
                Map<String, Object> run = new LinkedHashMap<>();
                run.put("program", CallbacksPart.QUERY.toString());
                run.put("calls_per_second", QUERIES_A_SECOND);
                run.put("ids_of_a_call", IDS_OF_A_QUERY);
                run.put("instances", instances);
                run.putAll(measured.facts());
                figures.run(run);
                figures.figure("query_p99_ms", measured.millisOf(0.99));
                return measured.late() == 0 && measured.answered(SUCCESS) == calls;
            }
        }
    }

    /** Each instance has a threshold. 20 a second come to theirs, while the others use a little. */
    private boolean notice(Servers servers, Figures figures) throws IOException {
        int notices = NOTICES_A_SECOND * seconds;
        int warmUp = NOTICES_A_SECOND * WARM_UP_SECONDS;
        RecordLoad load = new RecordLoad(Math.max(closing, 2 * (notices + warmUp)), 0, 0);
        try (PushedStack stack = PushedStack.layDown(servers, folder.logs(), "notice", load, progress)) {
            stack.start(RecordLoad.END.plus(Duration.ofMinutes(5)), PUSHING, folder.path());
            stack.startCounting(NoticeLoad.THRESHOLD);
            NoticeLoad app = new NoticeLoad(
                    stack.bootstrapServers(), stack.usageTopic(), stack.noticesTopic(), stack::businessTime);
            progress.start("notice: warming up", warmUp);
            app.run(0, warmUp, NOTICES_A_SECOND, load.instances(), progress);
            progress.done(warmUp);
            progress.start("notice", notices);
            Measured measured = app.run(warmUp, notices, NOTICES_A_SECOND, load.instances(), progress);
            progress.done(notices);
            Map<String, Object> run = new LinkedHashMap<>();
            run.put("program", CallbacksPart.NOTICE.toString());
            run.put("notices_per_second", NOTICES_A_SECOND);
            run.put("instances_with_a_threshold", load.instances());
            run.put("notices", notices);
            run.put("told", measured.answered("told"));
            run.put("p50_s", measured.millisOf(0.5) / 1000);
            run.put("max_s", measured.millisOf(1) / 1000);
            figures.run(run);
            figures.figure("notice_p99_s", measured.millisOf(0.99) / 1000);
            return measured.answered("told") == notices && measured.millisOf(1) < NOTICED_WITHIN.toMillis();
        }
    }

    private String queryCall(int number) {
        SplittableRandom random = new SplittableRandom(SEED + number);
        String ids = IntStream.range(0, IDS_OF_A_QUERY)
                .mapToObj(any -> RecordLoad.id(random.nextInt(instances)))
                .collect(Collectors.joining(","));
        return "{\"activity\":\"queryInstance\",\"instanceId\":\"" + ids + "\"}";
    }
}
