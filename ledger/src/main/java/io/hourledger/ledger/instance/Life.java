package io.hourledger.ledger.instance;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.hourledger.contracts.gallery.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When an instance could be billed: {@code [openedAt, releasedAt)}.
 *
 * @param releasedAt null while it lives
 */
public record Life(Instant openedAt, @Nullable Instant releasedAt) {

    static Life from(Instant openedAt) {
        return new Life(openedAt, null);
    }

    Life until(Instant released) {
        return new Life(openedAt, released);
    }

    /** What an hour's usage, from its first event to its last, is to this life. */
    Verdict judge(UsageHour hour, Instant firstEventAt, Instant lastEventAt) {
        if (lastEventAt.isBefore(openedAt)) {
            return new Verdict.Withhold(Withholding.BEFORE_OPENED);
        }
        if (releasedAt != null && !firstEventAt.isBefore(releasedAt)) {
            return new Verdict.Withhold(Withholding.AFTER_RELEASE);
        }
        if (firstEventAt.isBefore(openedAt) || (releasedAt != null && !lastEventAt.isBefore(releasedAt))) {
            return new Verdict.Withhold(Withholding.MIXED_HOUR);
        }
        return window(hour)
                .<Verdict>map(Verdict.Bill::new)
                .orElseGet(() -> new Verdict.Withhold(Withholding.NO_WHOLE_SECOND));
    }

    /** The part of an hour in this life, in whole seconds that lie wholly inside it; empty if there is none. */
    private Optional<UsageWindow> window(UsageHour hour) {
        Instant begin = latest(hour.start(), ceiling(openedAt));
        Instant end = releasedAt == null ? hour.end() : earliest(hour.end(), releasedAt.truncatedTo(SECONDS));
        return begin.isBefore(end) ? Optional.of(new UsageWindow(begin, end)) : Optional.empty();
    }

    private static Instant ceiling(Instant moment) {
        Instant floor = moment.truncatedTo(SECONDS);
        return floor.equals(moment) ? floor : floor.plusSeconds(1);
    }

    private static Instant latest(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Instant earliest(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /** Whether usage is billed, and in which stretch of its hour. */
    sealed interface Verdict {
        /** All of it belongs into this stretch. */
        record Bill(UsageWindow stretch) implements Verdict {}

        record Withhold(String reason) implements Verdict {}
    }
}
