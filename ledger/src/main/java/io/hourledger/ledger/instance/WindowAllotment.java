package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.ledger.instance.HourEntry.UsedWindows;
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
     * @param used the windows of the hour's records so far
     * @return the windows in order; empty if the stretch has none left
     */
    static Optional<List<UsageWindow>> allot(UsageWindow stretch, UsedWindows used, int count, LateWindow lateWindow) {
        boolean first = used.ever().stream().noneMatch(window -> overlap(window, stretch));
        if (first) {
            return cut(lateWindow == LateWindow.RESERVED_TAIL ? withoutTail(stretch) : stretch, count);
        }
        return switch (lateWindow) {
            case HOLD -> Optional.empty();
            case SHORTER -> shorter(stretch, used.ever(), List.of(), count);
            case RESERVED_TAIL ->
                inTail(stretch, used, count).or(() -> shorter(stretch, used.ever(), used.standing(), count));
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

    /**
     * @param ever windows that are not used again
     * @param apart windows that nothing may overlap
     */
    private static Optional<List<UsageWindow>> shorter(
            UsageWindow stretch, List<UsageWindow> ever, List<UsageWindow> apart, int count) {
        // the life may have ended, or been paused, within a window of before: then none of it fills the stretch
        boolean fresh = ever.stream().noneMatch(window -> contains(stretch, window));
        for (long seconds = seconds(stretch) - (fresh ? 0 : 1); seconds >= count; seconds--) {
            UsageWindow shortened =
                    new UsageWindow(stretch.begin(), stretch.begin().plusSeconds(seconds));
            Optional<List<UsageWindow>> windows =
                    cut(shortened, count).filter(cut -> cut.stream().noneMatch(ever::contains));
            if (windows.isPresent() && apart.stream().noneMatch(window -> overlap(window, shortened))) {
                return windows;
            }
        }
        return Optional.empty();
    }

    private static Optional<List<UsageWindow>> inTail(UsageWindow stretch, UsedWindows used, int count) {
        List<UsageWindow> windows = new ArrayList<>(count);
        for (Instant begin = withoutTail(stretch).end();
                begin.isBefore(stretch.end()) && windows.size() < count;
                begin = begin.plusSeconds(1)) {
            UsageWindow second = new UsageWindow(begin, begin.plusSeconds(1));
            if (!used.ever().contains(second)
                    && used.standing().stream().noneMatch(window -> overlap(window, second))) {
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

    private static boolean contains(UsageWindow outer, UsageWindow inner) {
        return !inner.begin().isBefore(outer.begin()) && !inner.end().isAfter(outer.end());
    }

    private static boolean overlap(UsageWindow a, UsageWindow b) {
        return a.begin().isBefore(b.end()) && b.begin().isBefore(a.end());
    }
}
