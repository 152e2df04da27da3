package io.hourledger.standalone.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Shows how far the demo has come: one line that is written over on a terminal, a plain line every few seconds elsewhere. */
final class ProgressBar {

    private static final int WIDTH = 24;
    private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
    private static final long PLAIN_LINE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final String ERASE_LINE = "\r\u001b[K";

    /**
     * What it shows.
     *
     * @param records usage records that the gallery has accepted
     */
    record Shown(long events, long ofEvents, long hours, long ofHours, long records, String moment) {

        Shown withoutMoment() {
            return new Shown(events, ofEvents, hours, ofHours, records, "");
        }

        private double share() {
            // both matter: events end when the feeder is done, hours when the pipeline is
            double fed = ofEvents == 0 ? 1 : (double) events / ofEvents;
            double closed = ofHours == 0 ? 1 : (double) hours / ofHours;
            return Math.min(1, (fed + closed) / 2);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d of %,d events · %d of %d hours · %,d records · %s",
                    events,
                    ofEvents,
                    hours,
                    ofHours,
                    records,
                    moment);
        }
    }

    private final PrintStream out;
    private final boolean terminal;
    private long drawnAtNanos;
    private boolean drawn;

    /**
     * @param terminal whether a line can be written over
     */
    ProgressBar(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Draws, unless it was drawn a moment ago. */
    void show(Shown shown) {
        long now = System.nanoTime();
        if (drawn && now - drawnAtNanos < (terminal ? REDRAW_NANOS : PLAIN_LINE_NANOS)) {
            return;
        }
        draw(shown);
        drawnAtNanos = now;
    }

    /** Draws for the last time. */
    void end(Shown shown) {
        draw(shown);
        if (terminal) {
            out.println();
        }
    }

    /** Makes room for a line of text. */
    void interrupt() {
        if (terminal && drawn) {
            out.print(ERASE_LINE);
        }
    }

    private void draw(Shown shown) {
        drawn = true;
        if (terminal) {
            int full = (int) (shown.share() * WIDTH);
            out.print(ERASE_LINE
                    + "█".repeat(full)
                    + "░".repeat(WIDTH - full)
                    + String.format(Locale.ROOT, " %3d %%  ", (int) (shown.share() * 100))
                    + shown);
        } else {
            out.println(String.format(Locale.ROOT, "%3d %%  ", (int) (shown.share() * 100)) + shown);
        }
        out.flush();
    }
}
