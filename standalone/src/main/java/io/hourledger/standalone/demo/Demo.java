package io.hourledger.standalone.demo;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.Durability;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.standalone.clock.ClockFile;
import io.hourledger.standalone.clock.DemoClock;
import io.hourledger.standalone.clock.HourSpeed;
import io.hourledger.standalone.clock.Reservation;
import io.hourledger.standalone.demo.DemoLedgerReader.Status;
import io.hourledger.standalone.demo.ProgressBar.Shown;
import io.hourledger.standalone.stack.DataDirectory;
import io.hourledger.standalone.stack.LocalStack;
import io.hourledger.standalone.stack.OrderlyStop;
import io.hourledger.standalone.stack.Service;
import io.hourledger.standalone.stack.StackOptions;
import io.hourledger.standalone.stack.StackSecrets;
import io.hourledger.standalone.traffic.Survey;
import io.hourledger.standalone.traffic.Traffic;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One run of the demo: build the stack, open the instances, feed the traffic, wait for the last record, compare. */
final class Demo {

    /** The clock starts so long before the first hour; the instances are opened then. */
    private static final Duration OPENED_BEFORE = Duration.ofMinutes(10);

    private static final int SAMPLE_RECORDS = 3;

    private static final long GLANCE_MILLIS = 250;

    private final Traffic traffic;
    private final Survey survey;
    private final @Nullable Path report;
    private final double speed;
    private final boolean keep;
    private final DataDirectory folder;
    private final PrintStream out;
    private final boolean terminal;
    private final StackOptions.Ports ports;
    private final Map<String, Object> extraSettings;

    Demo(
            Traffic traffic,
            Survey survey,
            @Nullable Path report,
            double speed,
            boolean keep,
            DataDirectory folder,
            PrintStream out,
            boolean terminal,
            StackOptions.Ports ports,
            Map<String, Object> extraSettings) {
        this.traffic = traffic;
        this.survey = survey;
        this.report = report;
        this.speed = speed;
        this.keep = keep;
        this.folder = folder;
        this.out = out;
        this.terminal = terminal;
        this.ports = ports;
        this.extraSettings = Map.copyOf(extraSettings);
    }

    /**
     * @return whether log, ledger and gallery agree exactly
     */
    boolean run() throws Exception {
        return OrderlyStop.around(() -> {
            folder.belongsTo(identityOf(survey));
            return runIn(folder, survey);
        });
    }

    private String identityOf(Survey survey) {
        return String.format(
                Locale.ROOT,
                "the demo of %s (%s, %d lines, %d requests, %s to %s)",
                traffic.description(),
                folder.durable() ? "goes on after a crash" : "replaced by the next",
                survey.lines(),
                survey.requests(),
                survey.firstHour(),
                survey.lastHour());
    }

    private boolean runIn(DataDirectory folder, Survey survey) throws Exception {
        DemoClock clock = clockOf(folder, survey);
        StackSecrets keys = StackSecrets.of(folder.path());
        Map<String, Object> settings = new HashMap<>(DemoSettings.of(survey));
        settings.putAll(extraSettings);
        StackOptions plan = new StackOptions(
                folder.path(), folder.durable() ? Durability.SAFE : Durability.FAST, clock, keys, settings, ports);
        try (LocalStack stack = LocalStack.start(plan)) {
            tellWhereItListens(stack);
            boolean agreed = play(stack, folder, survey, clock, keys);
            if (keep) {
                stayUp(stack, clock, keys);
            }
            return agreed;
        }
    }

    private DemoClock clockOf(DataDirectory folder, Survey survey) {
        Instant before = survey.firstHour().start().minus(OPENED_BEFORE);
        // Kafka stamps no record before 1970, where a clock without a battery begins
        Instant beginning = before.isBefore(Instant.EPOCH) ? Instant.EPOCH : before;
        if (!folder.durable()) {
            return new DemoClock(beginning, HourSpeed.ofDemo(speed), Reservation.NONE, System::nanoTime);
        }
        ClockFile file = new ClockFile(folder.path().resolve("clock"));
        return new DemoClock(file.reserved().orElse(beginning), HourSpeed.ofDemo(speed), file, System::nanoTime);
    }

    private void tellWhereItListens(LocalStack stack) {
        out.printf(
                Locale.ROOT,
                "Ready in %.1f s.%n%s%n",
                ManagementFactory.getRuntimeMXBean().getUptime() / 1_000.0,
                stack.addresses());
    }

    private boolean play(LocalStack stack, DataDirectory folder, Survey survey, DemoClock clock, StackSecrets keys)
            throws Exception {
        long startedNanos = System.nanoTime();
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        GalleryConsole gallery = new GalleryConsole(client, stack.uri(Service.SIMULATOR), keys.operatorToken());
        List<DemoOrder> orders =
                survey.usedByBuyer().keySet().stream().map(DemoOrder::of).toList();
        out.printf(Locale.ROOT, "Feeding %s; %,d buyers order first.%n", traffic.description(), orders.size());
        ProgressBar bar = new ProgressBar(out, terminal);
        int lines = orders.size() * DemoMeter.values().length;
        Map<String, String> instances = gallery.open(
                orders,
                opened -> bar.say(String.format(
                        Locale.ROOT, "%3d %%  %,d of %,d instances opened", opened * 100L / lines, opened, lines)));

        DemoLedgerReader ledger = new DemoLedgerReader(
                stack.context(Service.AGGREGATOR).getBean(LedgerQueries.class), stack.dataSource());
        DemoCountReader counting = new DemoCountReader(stack.dataSource());
        DemoProgress progress = new DemoProgress();
        Feeder feeder = new Feeder(
                traffic,
                survey,
                new UsageEventText(traffic.source(), instances),
                new HttpUsageSender(client, stack.uri(Service.INGEST), keys.apiKey()),
                clock,
                folder.durable() ? FeederPosition.in(folder.path().resolve("feeder")) : FeederPosition.inMemory(),
                progress);
        clock.start();
        Map<String, Long> refused = watch(feeder, survey, clock, progress, bar, ledger, counting);
        List<BilledRecord> billed = gallery.acceptedRecords();
        Map<String, LedgerRecord> inLedger = ledger.records();
        List<ReportFile.Row> rows = rows(survey, instances, billed, inLedger);
        if (report != null) {
            ReportFile.write(report, rows);
        }
        Comparison comparison =
                Comparison.of(survey.usedByBuyer(), instances, ledger.instances(instances.values()), inLedger, billed);
        Summary summary = new Summary(
                new Summary.Input(traffic.description(), survey.lines(), survey.malformedLines(), survey.malformed()),
                survey.usedByBuyer().size(),
                instances.size(),
                events(progress, refused, counting),
                counting.hoursWithUsage(),
                Summary.Punctuality.of(billed, inLedger, clock.waitedForServices()),
                comparison,
                Duration.ofNanos(System.nanoTime() - startedNanos));
        summary.print(out);
        if (folder.remains()) {
            new NextSteps(folder, rows.stream().limit(SAMPLE_RECORDS).toList()).print(out);
        }
        return summary.good();
    }

    private Map<String, Long> watch(
            Feeder feeder,
            Survey survey,
            DemoClock clock,
            DemoProgress progress,
            ProgressBar bar,
            DemoLedgerReader ledger,
            DemoCountReader counting)
            throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool(work -> new Thread(work, "demo"));
        Future<Map<String, Long>> fed = threads.submit(feeder::run);
        DeadlineGate gate = new DeadlineGate(
                survey.hours(),
                clock,
                hour -> isClosed(hour, counting) && ledger.status().answered());
        Future<?> gated = threads.submit(() -> {
            gate.run();
            return null;
        });
        try {
            StallDetector stall = new StallDetector();
            while (true) {
                Shown shown = shown(survey, clock, progress, ledger, counting);
                bar.show(shown);
                if (gated.isDone()) {
                    gated.get();
                }
                if (fed.isDone() && isClosed(survey.lastHour(), counting)) {
                    Status status = ledger.status();
                    if (status.settled()) {
                        bar.end(shown(survey, clock, progress, ledger, counting));
                        return fed.get();
                    }
                }
                stall.check(shown, () -> lagging(survey, clock, fed, ledger, counting));
                await(fed);
            }
        } catch (ExecutionException oneFailed) {
            throw oneFailed.getCause() instanceof Exception cause ? cause : oneFailed;
        } finally {
            threads.shutdownNow();
        }
    }

    /** Waits a moment, less when the feeder fails. */
    private static void await(Future<?> fed) throws InterruptedException, ExecutionException {
        if (fed.isDone()) {
            fed.get();
            // elapsed time: how often the end is looked for
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(GLANCE_MILLIS));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return;
        }
        try {
            fed.get(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException stillFeeding) {
            // look again
        }
    }

    private static boolean isClosed(UsageHour hour, DemoCountReader counting) {
        return counting.closedThrough()
                .map(through -> !through.isBefore(hour.start()))
                .orElse(false);
    }

    private static Shown shown(
            Survey survey, Clock clock, DemoProgress progress, DemoLedgerReader ledger, DemoCountReader counting) {
        int hours = counting.closedThrough()
                .map(through ->
                        survey.hours().headSet(UsageHour.of(through), true).size())
                .orElse(0);
        return new Shown(
                progress.accepted(),
                survey.requests() * DemoMeter.values().length,
                hours,
                survey.hours().size(),
                ledger.reported(),
                clock.instant().truncatedTo(SECONDS).toString());
    }

    private static String lagging(
            Survey survey, Clock clock, Future<?> fed, DemoLedgerReader ledger, DemoCountReader counting) {
        List<String> lagging = new ArrayList<>();
        if (!fed.isDone()) {
            lagging.add("the feeder waits (business time " + clock.instant() + ")");
        }
        if (!isClosed(survey.lastHour(), counting)) {
            lagging.add("hours are closed up to "
                    + counting.closedThrough().map(Instant::toString).orElse("none") + ", and "
                    + survey.lastHour() + " is the last (billing-aggregator)");
        }
        Status status = ledger.status();
        if (!status.settled()) {
            lagging.add(status.inFlight() + " records are in flight (gallery-pusher), " + status.shown() + " of "
                    + status.issued() + " are shown (ledger)");
        }
        return String.join("; ", lagging);
    }

    private Summary.Events events(DemoProgress progress, Map<String, Long> refused, DemoCountReader counting) {
        DemoCountReader.Counted counted = counting.counted();
        Map<String, Long> notCounted = counting.quarantined();
        refused.forEach((why, events) -> notCounted.merge(why, events, Long::sum));
        if (counted.filteredOut() > 0) {
            notCounted.put("filtered-out", counted.filteredOut());
        }
        long waiting = counting.waiting();
        if (waiting > 0) {
            notCounted.put("unmatched", waiting);
        }
        return new Summary.Events(
                progress.accepted(),
                counted.counted(),
                counted.duplicates(),
                survey.repeats() * DemoMeter.values().length,
                notCounted);
    }

    private static List<ReportFile.Row> rows(
            Survey survey,
            Map<String, String> instances,
            List<BilledRecord> billed,
            Map<String, LedgerRecord> inLedger) {
        Map<String, DemoMeter> meters = new HashMap<>();
        Map<String, String> buyers = new HashMap<>();
        for (String buyer : survey.usedByBuyer().keySet()) {
            for (DemoOrder.Line line : DemoOrder.of(buyer).lines()) {
                String instance = instances.get(line.orderLineId());
                if (instance != null) {
                    meters.put(instance, line.meter());
                    buyers.put(instance, buyer);
                }
            }
        }
        List<ReportFile.Row> rows = new ArrayList<>(billed.size());
        for (BilledRecord record : billed) {
            DemoMeter meter = meters.get(record.instanceId());
            rows.add(new ReportFile.Row(
                    buyers.getOrDefault(record.instanceId(), ""),
                    meter == null ? "" : meter.meter(),
                    record,
                    inLedger.get(record.meteringSn())));
        }
        return rows;
    }

    /** Until it is told to stop; what the comparison said stays the answer. */
    private void stayUp(LocalStack stack, DemoClock clock, StackSecrets keys) {
        clock.goOnInRealTime(Clock.systemUTC().instant());
        out.printf(
                Locale.ROOT,
                "%nStaying up with the real clock until Ctrl-C.%n%s%n  API key %s, operator token %s%n",
                stack.addresses(),
                keys.apiKey(),
                keys.operatorToken());
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException toldToStop) {
            // the stack is closed on the way out
        }
    }
}
