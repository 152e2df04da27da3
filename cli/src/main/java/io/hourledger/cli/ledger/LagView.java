package io.hourledger.cli.ledger;

import io.hourledger.aggregator.lag.LagReport;
import io.hourledger.aggregator.lag.LagVerdict;
import io.hourledger.aggregator.lag.PartitionLag;
import io.hourledger.aggregator.lag.PartitionLag.CatchUp;
import io.hourledger.aggregator.lag.Trend;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows the lag to a person: a table, and what is wrong in words below it. */
final class LagView {

    private static final int BAR = 20;
    private static final String CLEAR = "\u001b[H\u001b[2J";
    private static final List<String> COLUMNS = List.of(
            "PARTITION", "VERDICT", "UNREAD", "OLDEST", "READ/S", "NEW/S", "ALL READ IN", "HOUR", "LEFT", "OWNER");

    private final PrintWriter out;
    private final boolean terminal = Boolean.getBoolean("metering.terminal");

    /** By partition: the most that was unread since it was caught up last. */
    private final Map<Integer, Long> mostUnread = new HashMap<>();

    LagView(PrintWriter out) {
        this.out = out;
    }

    /** Writes over what was drawn before, if that is a terminal; each row begins with how much of a backlog is read. */
    void draw(LagReport report) {
        if (terminal) {
            out.print(CLEAR);
        }
        table(report, Bars.SHOWN);
        out.println();
    }

    void print(LagReport report) {
        table(report, Bars.HIDDEN);
    }

    private enum Bars {
        SHOWN,
        HIDDEN
    }

    private void table(LagReport report, Bars bars) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(row(bars, " ".repeat(BAR), COLUMNS));
        for (PartitionLag one : report.partitions()) {
            rows.add(row(bars, bar(one), cells(one)));
        }
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
        out.println();
        out.println(report.at().truncatedTo(ChronoUnit.SECONDS) + "  " + upper(report.verdict())
                + report.secondsLeft().map(left -> ", " + left(left)).orElse("") + ": " + report.cause());
        report.partitions().stream()
                .filter(one -> one.verdict() != LagVerdict.IN_TIME)
                .forEach(one -> out.println("  partition " + one.partition() + ": " + one.cause()));
    }

    private static String upper(LagVerdict verdict) {
        return verdict.words().toUpperCase(Locale.ROOT);
    }

    private static List<String> row(Bars bars, String bar, List<String> cells) {
        List<String> row = new ArrayList<>(cells);
        if (bars == Bars.SHOWN) {
            row.addFirst(bar);
        }
        return row;
    }

    private String bar(PartitionLag one) {
        Long unread = one.unread().lag();
        if (unread == null) {
            return "?".repeat(BAR);
        }
        long most = unread == 0 ? 0 : Math.max(unread, mostUnread.getOrDefault(one.partition(), 0L));
        mostUnread.put(one.partition(), most);
        int full = most == 0 ? BAR : (int) (BAR * (most - unread) / most);
        return "█".repeat(full) + "░".repeat(BAR - full);
    }

    private static List<String> cells(PartitionLag one) {
        PartitionLag.Deadline deadline = one.deadline();
        return List.of(
                Integer.toString(one.partition()),
                one.verdict().words(),
                number(one.unread().lag()),
                one.unread().oldestUnreadSeconds() == null
                        ? "?"
                        : one.unread().lag() == null || one.unread().lag() == 0
                                ? "-"
                                : span(one.unread().oldestUnreadSeconds()),
                rate(one.catchUp().readPerSecond()),
                rate(one.catchUp().arrivingPerSecond()),
                allReadIn(one.catchUp()),
                deadline == null ? "?" : hour(deadline.hour()),
                deadline == null ? "?" : left(deadline.secondsLeft()),
                one.owner());
    }

    private static String hour(Instant hour) {
        return hour.toString().substring(0, "2026-11-24T14:00".length()) + "Z";
    }

    private static String allReadIn(CatchUp catchUp) {
        Double seconds = catchUp.seconds();
        if (seconds == null) {
            return catchUp.trend() == Trend.NOT_KNOWN ? "?" : "never";
        }
        return seconds == 0 ? "-" : span(seconds);
    }

    private static String left(double seconds) {
        return seconds < 0 ? span(-seconds) + " too late" : span(seconds) + " left";
    }

    private static String number(@Nullable Long number) {
        return number == null ? "?" : String.format(Locale.ROOT, "%,d", number);
    }

    private static String rate(@Nullable Double rate) {
        return rate == null ? "?" : String.format(Locale.ROOT, "%,.0f", rate);
    }

    private static String span(double seconds) {
        if (seconds < 120) {
            return String.format(Locale.ROOT, "%.0f s", seconds);
        }
        return seconds < 7200
                ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
                : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }
}
