package io.hourledger.benchmarks.gallery;

import io.hourledger.benchmarks.gallery.PushedStack.Limits;
import io.hourledger.benchmarks.process.Servers;
import io.hourledger.benchmarks.report.BenchFolder;
import io.hourledger.benchmarks.report.BenchProgress;
import io.hourledger.benchmarks.report.Figures;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./metering bench gallery}: how well the pusher uses what a marketplace allows, and what its refusals cost. */
@Command(
        name = "gallery",
        description =
                "Pushes backlogs to a marketplace that is limited, slow, halves its rate and refuses without a word.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class GalleryBench implements Callable<Integer> {

    private static final int CALLS_PER_SECOND = 10;
    private static final int ANSWER_MILLIS = 300;
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration MINUTE_15 = Duration.ofMinutes(15);

    /** How long after an hour's end the aggregator hands it over, at its default grace. */
    private static final Duration GRACE = Duration.ofMinutes(2);

    /** So that a deep backlog lasts for all calls, however many they are. */
    private static final int FEW_RECORDS_A_CALL = 20;

    private static final int MOST_RECORDS_A_CALL = 1000;
    private static final int OUTAGE_HOURS = 6;
    private static final Duration LIMIT = Duration.ofMinutes(20);

    @Mixin
    private final BenchFolder folder = new BenchFolder();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Only these parts: ${COMPLETION-CANDIDATES}.")
    private @Nullable Set<GalleryPart> only;

    @Option(
            names = "--minutes",
            defaultValue = "5",
            description = "How long rate measures, and half as long as halving does (default ${DEFAULT-VALUE}).")
    private int minutes;

    @Option(
            names = "--bad-among",
            defaultValue = "30000",
            description = "Records of bad-records, one of them bad in a hundred (default ${DEFAULT-VALUE}).")
    private int badAmong;

    @Option(
            names = "--outage-records",
            defaultValue = "1000000",
            description = "Records that wait at the start of drain (default ${DEFAULT-VALUE}).")
    private int outageRecords;

    @Option(
            names = "--fresh-records",
            defaultValue = "20000",
            description = "Records of the hour that ends during drain (default ${DEFAULT-VALUE}).")
    private int freshRecords;

    private final BenchProgress progress = new BenchProgress(System.out);

    @Override
    public Integer call() throws IOException {
        Figures figures = folder.figures();
        Set<GalleryPart> parts = only == null ? EnumSet.allOf(GalleryPart.class) : EnumSet.copyOf(only);
        try (Servers servers = Servers.start(folder.path(), folder.logs())) {
            if (parts.contains(GalleryPart.RATE) || parts.contains(GalleryPart.HALVING)) {
                rateAndHalving(servers, figures, parts);
            }
            if (parts.contains(GalleryPart.BAD_RECORDS)) {
                badRecords(servers, figures);
            }
            if (parts.contains(GalleryPart.DRAIN)) {
                drain(servers, figures);
            }
        }
        if (only == null) {
            figures.complete();
        }
        figures.all().forEach((name, value) -> progress.say(String.format("%-32s %s", name, value)));
        folder.clear();
        return 0;
    }

    private void rateAndHalving(Servers servers, Figures figures, Set<GalleryPart> parts) throws IOException {
        int calls = (int) ((3L * minutes * 60 + WARM_UP.toSeconds()) * CALLS_PER_SECOND);
        RecordLoad load = new RecordLoad(calls * FEW_RECORDS_A_CALL / 10, 10, 0);
        try (PushedStack stack = PushedStack.layDown(servers, folder.logs(), "backlog", load, progress)) {
            stack.start(
                    RecordLoad.END.plus(Duration.ofHours(1)),
                    new Limits(CALLS_PER_SECOND, ANSWER_MILLIS, FEW_RECORDS_A_CALL),
                    folder.path());
            await("the first calls", () -> stack.calls() > 0);
            LockSupport.parkNanos(WARM_UP.toNanos());
            if (parts.contains(GalleryPart.RATE)) {
                rate(stack, figures);
            }
            if (parts.contains(GalleryPart.HALVING)) {
                halving(stack, figures);
            }
        }
    }

    private void rate(PushedStack stack, Figures figures) {
        long allowed = minutes * 60L * CALLS_PER_SECOND;
        long before = stack.calls();
        long above = stack.callsAboveCeiling();
        long beganNanos = System.nanoTime();
        during("rate", Duration.ofMinutes(minutes), stack, before, allowed);
        double seconds = (System.nanoTime() - beganNanos) / 1e9;
        long made = stack.calls() - before;
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("program", GalleryPart.RATE.toString());
        run.put("seconds", seconds);
        run.put("calls_made", made);
        run.put("rate_use", made / (seconds * CALLS_PER_SECOND));
        run.put("calls_above_ceiling", stack.callsAboveCeiling() - above);
        run.putAll(stack.outcome());
        figures.run(run);
        figures.figure("rate_use", Figures.number(run, "rate_use"));
        figures.figure("calls_above_ceiling", Figures.number(run, "calls_above_ceiling"));
    }

    /** A quarter as before, half of the time at half the rate, a quarter as before. */
    private void halving(PushedStack stack, Figures figures) throws IOException {
        long callsBefore = stack.calls();
        long refusedBefore = stack.callsAboveCeiling();
        Duration quarter = Duration.ofSeconds(minutes * 30L);
        long allowed = minutes * 60L * CALLS_PER_SECOND;
        during("halving: before", quarter, stack, callsBefore, allowed);
        stack.allow(CALLS_PER_SECOND / 2);
        during("halving: at half the rate", quarter.multipliedBy(2), stack, callsBefore, allowed * 3 / 2);
        stack.allow(CALLS_PER_SECOND);
        during("halving: after", quarter, stack, callsBefore, allowed * 3 / 2);
        long calls = stack.calls() - callsBefore;
        long refused = stack.callsAboveCeiling() - refusedBefore;
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("program", GalleryPart.HALVING.toString());
        run.put("calls_made", calls);
        run.put("calls_refused", refused);
        run.put("refused_share", (double) refused / calls);
        figures.run(run);
        figures.figure("refused_share_hidden_halving", Figures.number(run, "refused_share"));
    }

    private void during(String step, Duration time, PushedStack stack, long before, long goal) {
        progress.start(step + ", calls", goal);
        long endNanos = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < endNanos) {
            progress.at(stack.calls() - before);
            LockSupport.parkNanos(Math.min(TimeUnit.SECONDS.toNanos(1), Math.max(1, endNanos - System.nanoTime())));
        }
        progress.done(stack.calls() - before);
    }

    private void badRecords(Servers servers, Figures figures) throws IOException {
        Map<String, Object> withoutBad = pushAll(servers, "without_bad", new RecordLoad(badAmong, 1, 0));
        figures.run(withoutBad);
        int bad = badAmong / 100;
        Map<String, Object> withBad = pushAll(servers, "with_bad", new RecordLoad(badAmong, 1, bad));
        figures.run(withBad);
        figures.figure(
                "calls_for_1_percent_bad",
                Figures.number(withBad, "calls_until_all_were_tried")
                        / Figures.number(withoutBad, "calls_until_all_were_tried"));
        figures.figure("calls_per_bad_record", Figures.number(withBad, "calls_until_all_good_were_accepted") / bad);
    }

    private Map<String, Object> pushAll(Servers servers, String name, RecordLoad load) throws IOException {
        try (PushedStack stack = PushedStack.layDown(servers, folder.logs(), name, load, progress)) {
            stack.start(RecordLoad.END.plus(GRACE), new Limits(100, 0, MOST_RECORDS_A_CALL), folder.path());
            progress.start(name + ": pushing", load.good());
            await("all good records are accepted", () -> {
                long accepted = stack.accepted();
                progress.at(accepted);
                return accepted >= load.good();
            });
            long calls = stack.calls();
            progress.done(load.good());
            Map<String, Object> run = new LinkedHashMap<>();
            run.put("program", GalleryPart.BAD_RECORDS + "-" + name);
            run.put("records", load.records());
            run.put("bad", load.records() - load.good());
            run.put("calls_until_all_good_were_accepted", calls);
            run.put("calls_until_all_were_tried", stack.callsUntilAllWereTried(load.records()));
            run.put("calls_above_ceiling", stack.callsAboveCeiling());
            return run;
        }
    }

    /** The outage ends two minutes before an hour does; that hour must be in time, whatever waits before it. */
    private void drain(Servers servers, Figures figures) throws IOException {
        RecordLoad load = new RecordLoad(outageRecords / OUTAGE_HOURS, OUTAGE_HOURS, 0);
        try (PushedStack stack = PushedStack.layDown(servers, folder.logs(), "drain", load, progress)) {
            Instant hour = RecordLoad.END;
            Instant hourEnd = hour.plus(Duration.ofHours(1));
            Duration lead = Duration.ofMinutes(2);
            stack.start(
                    hourEnd.minus(lead),
                    new Limits(CALLS_PER_SECOND, ANSWER_MILLIS, MOST_RECORDS_A_CALL),
                    folder.path());
            long beganNanos = System.nanoTime();
            progress.start("draining", load.records());
            long issueAtNanos = beganNanos + lead.plus(GRACE).toNanos();
            while (System.nanoTime() < issueAtNanos) {
                progress.at(stack.accepted());
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
            long waiting = load.records() - stack.accepted();
            stack.meterFreshHour(freshRecords, progress);
            progress.start("draining, a fresh hour among it", load.records() + freshRecords);
            long endNanos = beganNanos + lead.plus(MINUTE_15).toNanos();
            while (System.nanoTime() < endNanos && stack.accepted() < load.records() + freshRecords) {
                progress.at(stack.accepted());
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
            progress.done(stack.accepted());
            long inTime = stack.acceptedOfHour(hour, hourEnd.plus(MINUTE_15));
            Map<String, Object> run = new LinkedHashMap<>();
            run.put("program", GalleryPart.DRAIN.toString());
            run.put("records_of_the_outage", load.records());
            run.put("records_waiting_when_the_hour_was_metered", waiting);
            run.put("fresh_records", freshRecords);
            run.put("fresh_in_time", inTime);
            run.put("seconds", (System.nanoTime() - beganNanos) / 1e9);
            run.putAll(stack.outcome());
            figures.run(run);
            figures.figure("fresh_in_time_share", (double) inTime / freshRecords);
        }
    }

    private static void await(String what, BooleanSupplier moment) {
        long endNanos = System.nanoTime() + LIMIT.toNanos();
        while (!moment.getAsBoolean()) {
            if (System.nanoTime() > endNanos) {
                throw new IllegalStateException("it did not come within " + LIMIT + ": " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }
}
