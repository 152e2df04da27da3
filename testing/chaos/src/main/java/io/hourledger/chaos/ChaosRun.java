package io.hourledger.chaos;

import io.hourledger.chaos.LedgerReader.QuarantinedRecord;
import io.hourledger.chaos.LedgerReader.Records;
import io.hourledger.chaos.LedgerReader.Tallies;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.seal.LedgerVerifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** One run from the first process to the verdict. */
final class ChaosRun {

    private static final Duration TELL_EVERY = Duration.ofSeconds(10);
    private static final Duration QUIET_WITHIN = Duration.ofSeconds(90);
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(90);

    /** Beyond the grace of the last hour: a backlog may take its time on a busy machine, and nothing may stand still. */
    private static final Duration STANDS_STILL_AFTER = Duration.ofMinutes(2);

    private static final Duration SETTLED_WITHIN = Duration.ofMinutes(15);

    private final ChaosPlan plan;
    private final PrintWriter console;
    private final Map<String, Object> durations = new LinkedHashMap<>();

    ChaosRun(ChaosPlan plan, PrintWriter console) {
        this.plan = plan;
        this.console = console;
    }

    /** Runs, writes the files, and says whether everything agrees. */
    boolean run() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        ChaosClock chaosClock = ChaosClock.startingNow(ChaosClock.SPEED);
        Clock business = chaosClock.clock();
        try (ChaosStack stack = new ChaosStack(plan.run(), chaosClock, new WholeStack(plan.grace()))) {
            tell("starting broker, database, 2 ingests, 2 aggregators, pusher and simulator, each a process of its"
                    + " own");
            stack.start();
            GalleryControl gallery = new GalleryControl(
                    stack.uri(StackPart.SIMULATOR), stack.keys().operatorToken());
            List<LoadInstance> instances = gallery.open("chaos", plan.buyers());
            Instant from = UsageHour.of(business.instant()).end();
            Elapsed.pause(chaosClock.elapsed(Duration.between(business.instant(), from)));
            durations.put("start_s", seconds(Duration.ofNanos(System.nanoTime() - begin)));
            tell(instances.size() + " instances are open; " + plan.eventsPerSecond() + " events/s for "
                    + plan.load().toSeconds() + " s, disturbed for "
                    + plan.length().toSeconds() + " s");

            LoadEvents events = new LoadEvents(plan.seed(), instances, from);
            ExpectedTotals truth = new ExpectedTotals(events, instances);
            Load load = new Load(
                    events,
                    truth,
                    new IngestClient(stack.keys().apiKey()),
                    List.of(stack.uri(StackPart.INGEST_1), stack.uri(StackPart.INGEST_2)),
                    business,
                    plan.eventsPerSecond(),
                    plan.seed());
            ExpectedUncounted uncounted = new ExpectedUncounted();
            try (DirectSender direct = new DirectSender(
                            events,
                            truth,
                            uncounted,
                            load::nextNumber,
                            business,
                            stack.bootstrapServers(),
                            plan.seed());
                    CatalogueChange change = new CatalogueChange(stack.dataSource(), business)) {
                return underLoad(
                        stack, gallery, new Traffic(events, load, direct, truth, uncounted, change), chaosClock, begin);
            }
        }
    }

    /** Who tells of usage, and what must become of it. */
    private record Traffic(
            LoadEvents events,
            Load load,
            DirectSender direct,
            ExpectedTotals truth,
            ExpectedUncounted uncounted,
            CatalogueChange change) {

        void start() {
            load.start();
            direct.start();
        }

        void tellNothingNew() {
            load.tellNothingNew();
            direct.tellNothingNew();
        }

        boolean awaitAcknowledged() throws InterruptedException {
            boolean committed = direct.awaitAcknowledged(ACKNOWLEDGED_WITHIN);
            return load.awaitAcknowledged(ACKNOWLEDGED_WITHIN) && committed;
        }
    }

    private boolean underLoad(ChaosStack stack, GalleryControl gallery, Traffic traffic, ChaosClock clock, long begin)
            throws IOException, InterruptedException {
        Schedule schedule = Schedule.of(plan.seed(), plan.length(), plan.wanted());
        Elapsed elapsed = Elapsed.fromNow();
        LedgerReader reader = new LedgerReader(stack.dataSource());
        try (FaultInjector injector = new FaultInjector(stack.parts(), elapsed, FaultInjector.MOST_DOWN);
                TakeoverMonitor progress = new TakeoverMonitor(stack.dataSource(), elapsed)) {
            gallery.misbehave(plan.seed());
            progress.start();
            traffic.start();
            traffic.change().start(plan.load().dividedBy(4));
            injector.follow(schedule, plan.length());
            tellUntil(plan.load(), elapsed, traffic.truth(), injector);
            traffic.tellNothingNew();
            progress.stop();
            tellUntil(plan.length(), elapsed, traffic.truth(), injector);
            boolean quiet = injector.awaitQuiet(QUIET_WITHIN);
            boolean acknowledged = traffic.awaitAcknowledged();
            durations.put("disturbed_s", seconds(elapsed.now()));
            gallery.behave();
            HourAmounts amounts = traffic.truth().amounts(traffic.change());
            boolean settled = awaitSettled(reader, amounts, clock);
            durations.put("settled_s", seconds(elapsed.now()));
            durations.put("total_s", seconds(Duration.ofNanos(System.nanoTime() - begin)));
            return assess(
                    stack,
                    reader,
                    gallery,
                    traffic,
                    amounts,
                    schedule,
                    injector,
                    progress,
                    quiet && acknowledged && settled);
        } catch (SQLException broken) {
            throw new IOException("the books cannot be read: " + broken.getMessage(), broken);
        }
    }

    private void tellUntil(Duration moment, Elapsed elapsed, ExpectedTotals truth, FaultInjector injector)
            throws InterruptedException {
        int shown = injector.happened().size();
        while (elapsed.now().compareTo(moment) < 0) {
            Duration next = elapsed.now().plus(TELL_EVERY);
            elapsed.await(next.compareTo(moment) < 0 ? next : moment);
            List<ChaosEvent> happened = injector.happened();
            for (ChaosEvent one : happened.subList(shown, happened.size())) {
                tell(String.format(
                        Locale.ROOT,
                        "  %5.1f s  %s %s, back after %.1f s",
                        seconds(one.from()),
                        one.manner(),
                        one.part().word(),
                        seconds(one.to().minus(one.from()))));
            }
            shown = happened.size();
            tell(String.format(
                    Locale.ROOT, "%6.0f s  %,d events acknowledged", seconds(elapsed.now()), truth.acknowledged()));
        }
    }

    /** Waits until every hour of the load is closed and every record has an outcome; false when nothing moves any more. */
    private boolean awaitSettled(LedgerReader reader, HourAmounts truth, ChaosClock clock) throws InterruptedException {
        UsageHour last = truth.keys().stream()
                .map(HourAmounts.Key::hour)
                .max(UsageHour::compareTo)
                .orElse(UsageHour.of(clock.clock().instant()));
        Duration toGrace = clock.elapsed(
                Duration.between(clock.clock().instant(), last.end().plus(plan.grace())));
        long now = System.nanoTime();
        long from = now + Math.max(0, toGrace.toNanos());
        tell("everything runs again; the last hour closes in " + Math.max(0, toGrace.toSeconds()) + " s");
        Backlog before = new Backlog(Long.MAX_VALUE, Long.MAX_VALUE);
        long movedAt = from;
        long tellAt = now + TELL_EVERY.toNanos();
        while (now - movedAt < STANDS_STILL_AFTER.toNanos() && now - from < SETTLED_WITHIN.toNanos()) {
            try {
                Records records = reader.records();
                Backlog backlog = new Backlog(reader.partitionsBehind(last), records.inFlight());
                if (backlog.isNothing()) {
                    return true;
                }
                if (backlog.isLessThan(before)) {
                    before = backlog;
                    movedAt = Math.max(from, now);
                }
                if (now - tellAt > 0) {
                    tell("          " + backlog.openPartitions + " partitions have open hours, " + backlog.inFlight
                            + " records are on their way, " + records.reported() + " are reported");
                    tellAt += TELL_EVERY.toNanos();
                }
            } catch (SQLException databaseBusy) {
                tell("          the database does not answer: " + databaseBusy.getMessage());
            }
            Elapsed.pause(Duration.ofMillis(500));
            now = System.nanoTime();
        }
        return false;
    }

    /** What is not settled yet. */
    private record Backlog(long openPartitions, long inFlight) {

        boolean isNothing() {
            return openPartitions == 0 && inFlight == 0;
        }

        /** Closing comes first, and makes records; then nothing but outcomes counts. */
        boolean isLessThan(Backlog other) {
            return openPartitions < other.openPartitions
                    || (openPartitions == other.openPartitions && inFlight < other.inFlight);
        }
    }

    private boolean assess(
            ChaosStack stack,
            LedgerReader reader,
            GalleryControl gallery,
            Traffic traffic,
            HourAmounts truth,
            Schedule schedule,
            FaultInjector injector,
            TakeoverMonitor progress,
            boolean settled)
            throws IOException, InterruptedException, SQLException {
        HourAmounts ledger = reader.metered();
        HourAmounts billed = LedgerReader.billed(gallery.bill());
        List<QuarantinedRecord> quarantined = reader.quarantined();
        Tallies tallies = reader.tallies();
        Records records = reader.records();
        HourAmounts waiting = reader.waiting();
        long late = reader.late();
        FilteredOutInLog filteredOut =
                FilteredOutInLog.read(stack.bootstrapServers(), traffic.events(), traffic.change());
        HourAmounts notTaken = traffic.truth().filteredOut(traffic.change());
        JsonNode statistics = gallery.statistics();
        LedgerVerifier.Report verified = stack.verifyLedger();
        Verdict verdict = Verdict.of(
                truth,
                ledger,
                billed,
                quarantined,
                tallies,
                waiting,
                traffic.uncounted(),
                new Verdict.FilteredOut(
                        filteredOut.records(),
                        filteredOut.missing(traffic.truth().numbersFilteredOut(traffic.change())),
                        traffic.change().secondFrom() != null),
                records,
                settled,
                traffic.load().refused(),
                verified);

        Path folder = Objects.requireNonNull(plan.out().toAbsolutePath().getParent());
        Files.createDirectories(folder);
        truth.writeTo(folder.resolve("truth.csv"));
        ledger.writeTo(folder.resolve("ledger.csv"));
        billed.writeTo(folder.resolve("gallery.csv"));
        LedgerReader.write(quarantined, folder.resolve("quarantined.csv"));
        waiting.writeTo(folder.resolve("unmatched.csv"));
        notTaken.writeTo(folder.resolve("filtered-out.csv"));
        List<ChaosEvent> happened = injector.happened();
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("sent", traffic.truth().acknowledged());
        figures.put("counted", tallies.counted());
        figures.put("duplicates", tallies.duplicates());
        figures.put("quarantined", tallies.quarantined());
        figures.put("unmatched", waiting.events());
        figures.put("filtered_out", tallies.filteredOut());
        figures.put("filtered_out_events", notTaken.events());
        figures.put("second_catalogue_from", String.valueOf(traffic.change().secondFrom()));
        figures.put("aborted_transactions", traffic.direct().aborted());
        figures.put("late", late);
        figures.put("lost", verdict.lost());
        figures.put("doubled", verdict.doubled());
        figures.put("kills", count(happened, KillMode.KILL.word()));
        figures.put("freezes", count(happened, KillMode.FREEZE.word()));
        figures.put("restarts", count(happened, KillMode.RESTART.word()));
        figures.put("skews", count(happened, KillMode.SKEW.word()));
        figures.put("died", count(happened, ChaosEvent.DIED));
        figures.put("handed_in", traffic.load().handedIn());
        figures.put("told_again", traffic.load().toldAgain());
        figures.put(
                "hours",
                truth.keys().stream().map(HourAmounts.Key::hour).distinct().count());
        figures.put("amounts", truth.keys().size());
        figures.put("ledger_differs", verdict.ledgerDiffers().size());
        figures.put("gallery_differs", verdict.galleryDiffers().size());
        figures.put("records", records.all());
        figures.put("records_reported", records.reported());
        figures.put("records_in_flight", records.inFlight());
        figures.put("records_unknown", records.unknown());
        figures.put("records_refused", records.refused());
        figures.put("ledger_events", verified.events());
        figures.put("ledger_events_sealed", verified.sealed());
        figures.put("ledger_findings", verified.findings().size());
        figures.put("push_calls", statistics.path("calls").path("total").asLong());
        figures.put(
                "rate_violations", statistics.path("rate").path("violations").asLong());
        figures.put(
                "retry_after_violations",
                statistics.path("rate").path("retryAfterViolations").asLong());
        figures.put(
                "takeover_s",
                progress.longestTakeover(happened).map(ChaosRun::seconds).orElse(null));
        figures.put(
                "longest_pause_s",
                progress.longestPause().map(ChaosRun::seconds).orElse(null));
        figures.put("longest_acknowledgement_s", seconds(traffic.load().longestDelay()));
        ChaosReport report =
                new ChaosReport(plan, verdict, figures, durations, schedule, happened, progress.pauses(), statistics);
        report.write();
        tell(report.summary());
        return verdict.good();
    }

    private static long count(List<ChaosEvent> happened, String manner) {
        return happened.stream().filter(one -> one.manner().equals(manner)).count();
    }

    private void tell(String line) {
        console.println(line);
        console.flush();
    }

    static double seconds(Duration duration) {
        return Math.round(duration.toMillis() / 100.0) / 10.0;
    }
}
