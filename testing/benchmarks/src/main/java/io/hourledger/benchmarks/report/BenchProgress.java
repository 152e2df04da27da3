package io.hourledger.benchmarks.report;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Shows a person how far the step at hand is: a line that moves on a terminal, a line now and then elsewhere. */
public final class BenchProgress {

    private static final int BAR = 24;
    private static final long MOVES_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long SAYS_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PrintStream out;
    private final boolean terminal;
    private String step = "";
    private long goal;
    private long startedAt;
    private long shownAt;

    public BenchProgress(PrintStream out) {
        this.out = out;
        this.terminal = Boolean.getBoolean("metering.terminal"); // the launcher knows
    }

    /** A sentence of its own. */
    public void say(String sentence) {
        out.println(sentence);
    }

    /** Begins a step that is done when {@code goal} things are. */
    public void start(String step, long goal) {
        this.step = step;
        this.goal = goal;
        this.startedAt = System.nanoTime();
        this.shownAt = startedAt;
        if (!terminal) {
            out.println(step + " …");
        }
    }

    /** Tells how many things of the step are done. */
    public void at(long done) {
        long now = System.nanoTime();
        if (now - shownAt < (terminal ? MOVES_EVERY_NANOS : SAYS_EVERY_NANOS)) {
            return;
        }
        shownAt = now;
        int filled = goal == 0 ? 0 : (int) Math.min(BAR, done * BAR / goal);
        String line = String.format(
                Locale.ROOT,
                "%-34s [%s%s] %,14d of %,d  %4.0f s",
                step,
                "#".repeat(filled),
                ".".repeat(BAR - filled),
                done,
                goal,
                (now - startedAt) / 1e9);
        if (terminal) {
            out.print("\r" + line);
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** Ends the step. */
    public void done(long done) {
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        String line = String.format(
                Locale.ROOT, "%-34s %,14d in %.1f s = %,.0f/s", step, done, seconds, done / Math.max(seconds, 1e-9));
        out.println((terminal ? "\r\u001b[K" : "") + line);
    }

    /** Waits for a task while showing how far it is. */
    public void until(Future<?> task, LongSupplier done) throws InterruptedException {
        while (true) {
            try {
                task.get(200, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException notYet) {
                at(done.getAsLong());
            } catch (ExecutionException e) {
                throw new IllegalStateException(step + " failed", e.getCause());
            }
        }
    }
}
