package io.hourledger.aggregator.lag;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Follows one partition from look to look, and knows how fast it is read and filled. Belongs to one thread. */
final class Movement {

    private static final int LOOKS = 6;

    private final Deque<Seen> looks = new ArrayDeque<>();
    private @Nullable Double lastReadPerSecond;

    private record Seen(Instant at, long nextOffset, long logEnd) {}

    /**
     * Records a second of business time.
     *
     * @param read null before the second look
     * @param arriving null before the second look
     * @param lastRead the last rate above zero that was seen; null if there was none
     */
    record Rates(@Nullable Double read, @Nullable Double arriving, @Nullable Double lastRead) {

        static final Rates NOT_KNOWN = new Rates(null, null, null);
    }

    void add(Instant at, long nextOffset, long logEnd) {
        Seen last = looks.peekLast();
        if (last != null && (nextOffset < last.nextOffset || logEnd < last.logEnd || at.isBefore(last.at))) {
            looks.clear(); // the database or the log is another one now, so that what was seen before says nothing
        }
        looks.addLast(new Seen(at, nextOffset, logEnd));
        if (looks.size() > LOOKS) {
            looks.removeFirst();
        }
        Double read = rates().read;
        if (read != null && read > 0) {
            lastReadPerSecond = read;
        }
    }

    Rates rates() {
        Seen first = looks.peekFirst();
        Seen last = looks.peekLast();
        if (first == null || last == null || !last.at.isAfter(first.at)) {
            return new Rates(null, null, lastReadPerSecond);
        }
        double seconds = Duration.between(first.at, last.at).toMillis() / 1000.0;
        if (seconds == 0) {
            return new Rates(null, null, lastReadPerSecond);
        }
        return new Rates(
                (last.nextOffset - first.nextOffset) / seconds,
                (last.logEnd - first.logEnd) / seconds,
                lastReadPerSecond);
    }
}
