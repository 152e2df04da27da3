package io.hourledger.contracts.marketplace;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/**
 * The time that one usage record speaks of, {@code [begin, end)} in whole seconds, never empty. Two records of an instance with an equal
 * window are duplicates to the marketplace (koogallery.md, section 1.6).
 */
public record UsageWindow(Instant begin, Instant end) {

    public UsageWindow {
        if (!begin.equals(begin.truncatedTo(SECONDS)) || !end.equals(end.truncatedTo(SECONDS))) {
            throw new IllegalArgumentException("a window has whole seconds: " + begin + "/" + end);
        }
        if (!begin.isBefore(end)) {
            throw new IllegalArgumentException("a window is never empty: " + begin + "/" + end);
        }
    }

    /** The window of an hour's first record. */
    public static UsageWindow of(UsageHour hour) {
        return new UsageWindow(hour.start(), hour.end());
    }
}
