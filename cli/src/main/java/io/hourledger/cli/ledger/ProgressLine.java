package io.hourledger.cli.ledger;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** How far long work has come, beside its answer: one line that is written over on a terminal, a plain line every few seconds elsewhere. */
final class ProgressLine {

    private static final int WIDTH = 24;
    private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
    private static final long PLAIN_LINE_NANOS = Duration.ofSeconds(3).toNanos();
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean terminal = Boolean.getBoolean("metering.terminal-err");
    private long drawnAtNanos = System.nanoTime();
    private boolean drawn;

    ProgressLine(PrintWriter err) {
        this.err = err;
    }

    /** Draws, unless it was drawn a moment ago. */
    void show(String what, long done, long of) {
        long now = System.nanoTime();
        if (now - drawnAtNanos < (terminal ? REDRAW_NANOS : PLAIN_LINE_NANOS)) {
            return;
        }
        drawnAtNanos = now;
        drawn = true;
        double share = of <= 0 ? 1 : Math.min(1, (double) done / of);
        String line = String.format(Locale.ROOT, "%3d %%  %s: %,d of %,d", (int) (share * 100), what, done, of);
        if (terminal) {
            int full = (int) (share * WIDTH);
            err.print(ERASE_LINE + "█".repeat(full) + "░".repeat(WIDTH - full) + " " + line);
        } else {
            err.println(line);
        }
        err.flush();
    }

    /** Makes room for what is said next. */
    void end() {
        if (terminal && drawn) {
            err.print(ERASE_LINE);
            err.flush();
        }
        drawn = false;
    }
}
