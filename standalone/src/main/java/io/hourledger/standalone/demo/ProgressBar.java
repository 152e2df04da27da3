package io.hourledger.standalone.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Shows how far the demo has come: one line that is written over on a terminal, a plain line every few seconds elsewhere. */
final class ProgressBar {

    private static final int WIDTH = 24;
    private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
    private static final long PLAIN_LINE_NANOS = Duration.ofSeconds(5).toNanos();
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
        if (due()) {
            draw(bar(shown));
        }
    }

    /** Says something instead of the bar, unless something was said a moment ago. */
    void say(String sentence) {
        if (due()) {
            draw(sentence);
        }
    }

    private boolean due() {
        long now = System.nanoTime();
        return !drawn || now - drawnAtNanos >= (terminal ? REDRAW_NANOS : PLAIN_LINE_NANOS);
    }

    /** Draws for the last time. */
    void end(Shown shown) {
        draw(bar(shown));
        if (terminal) {
            out.println();
        }
    }

    private String bar(Shown shown) {
        int full = (int) (shown.share() * WIDTH);
        String bar = terminal ? "█".repeat(full) + "░".repeat(WIDTH - full) + " " : "";
        return bar + String.format(Locale.ROOT, "%3d %%  ", (int) (shown.share() * 100)) + shown;
    }

    private void draw(String line) {
        drawn = true;
        drawnAtNanos = System.nanoTime();
        if (terminal) {
            out.print(ERASE_LINE + line);
        } else {
            out.println(line);
        }
        out.flush();
    }
}
