package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Allots windows to usage records so that no window of an instance is ever used twice: two records with an equal window are duplicates to the
 * marketplace, and the second would vanish.
 */
final class WindowAllotment {

    /** What first records leave free at the end of an hour, if late usage goes there. */
    static final Duration RESERVED_TAIL = Duration.ofSeconds(60);

    private WindowAllotment() {}

    /**
     * Adjoining windows for {@code count} records.
     *
     * @param stretch the billable part of the hour that the usage lies in
     * @param used all windows of the hour that were ever issued
     * @return the windows in order; empty if the stretch has none left
     */
    static Optional<List<UsageWindow>> allot(
            UsageWindow stretch, List<UsageWindow> used, int count, LateWindow lateWindow) {
        boolean first = used.stream().noneMatch(window -> overlap(window, stretch));
        if (first) {
            return cut(lateWindow == LateWindow.RESERVED_TAIL ? withoutTail(stretch) : stretch, count);
        }
        return switch (lateWindow) {
            case HOLD -> Optional.empty();
            case SHORTER -> shorter(stretch, used, count);
            case RESERVED_TAIL -> inTail(stretch, used, count);
        };
    }

    /** Cuts a stretch into {@code count} adjoining windows of nearly equal length. */
    private static Optional<List<UsageWindow>> cut(UsageWindow stretch, int count) {
        long seconds = seconds(stretch);
        if (seconds < count) {
            return Optional.empty();
        }
        List<UsageWindow> windows = new ArrayList<>(count);
        Instant begin = stretch.begin();
        for (int i = 1; i <= count; i++) {
            Instant end = stretch.begin().plusSeconds(seconds * i / count);
            windows.add(new UsageWindow(begin, end));
            begin = end;
        }
        return Optional.of(windows);
    }

    private static Optional<List<UsageWindow>> shorter(UsageWindow stretch, List<UsageWindow> used, int count) {
        for (long seconds = seconds(stretch) - 1; seconds >= count; seconds--) {
            UsageWindow shortened =
                    new UsageWindow(stretch.begin(), stretch.begin().plusSeconds(seconds));
            Optional<List<UsageWindow>> windows =
                    cut(shortened, count).filter(cut -> cut.stream().noneMatch(used::contains));
            if (windows.isPresent()) {
                return windows;
            }
        }
        return Optional.empty();
    }

    private static Optional<List<UsageWindow>> inTail(UsageWindow stretch, List<UsageWindow> used, int count) {
        List<UsageWindow> windows = new ArrayList<>(count);
        for (Instant begin = withoutTail(stretch).end();
                begin.isBefore(stretch.end()) && windows.size() < count;
                begin = begin.plusSeconds(1)) {
            UsageWindow second = new UsageWindow(begin, begin.plusSeconds(1));
            if (used.stream().noneMatch(window -> overlap(window, second))) {
                windows.add(second);
            }
        }
        return windows.size() == count ? Optional.of(windows) : Optional.empty();
    }

    /** A stretch too short to spare a tail keeps all of itself. */
    private static UsageWindow withoutTail(UsageWindow stretch) {
        Instant end = stretch.end().minus(RESERVED_TAIL);
        return end.isAfter(stretch.begin()) ? new UsageWindow(stretch.begin(), end) : stretch;
    }

    private static long seconds(UsageWindow window) {
        return Duration.between(window.begin(), window.end()).toSeconds();
    }

    private static boolean overlap(UsageWindow a, UsageWindow b) {
        return a.begin().isBefore(b.end()) && b.begin().isBefore(a.end());
    }
}
