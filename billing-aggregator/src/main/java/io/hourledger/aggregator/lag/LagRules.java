package io.hourledger.aggregator.lag;

import io.hourledger.aggregator.lag.Movement.Rates;
import io.hourledger.aggregator.lag.PartitionLag.CatchUp;
import io.hourledger.aggregator.lag.PartitionLag.Deadline;
import io.hourledger.aggregator.lag.PartitionLag.Unread;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides from what was seen of a partition whether its next hour will be reported in time. All times are business time. */
final class LagRules {

    /** The marketplace wants the records of an hour within so long after its end. */
    static final Duration FIRST_DEADLINE = Duration.ofMinutes(15);

    /** Later it takes them no more. */
    static final Duration SECOND_DEADLINE = Duration.ofHours(2);

    /** Closing and pushing take so long at most. */
    static final Duration RESERVE = Duration.ofMinutes(2);

    /** So long nothing needs to move before that is a reason. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    /** What is read within so long is no lag worth a word. */
    private static final double SOON_SECONDS = 60;

    private final Duration grace;

    LagRules(Duration grace) {
        this.grace = grace;
    }

    /**
     * What was seen of a partition.
     *
     * @param oldestUnreadAt when the oldest unread record was received; null if there is none, or it is not known
     * @param note what the process that owns it says of it; empty if it says nothing
     */
    record Seen(
            StoredPosition stored, long logEnd, @Nullable Instant oldestUnreadAt, PartitionOwner owner, String note) {

        long unread() {
            return Math.max(0, logEnd - stored.nextOffset());
        }

        @Nullable Duration oldestAge(Instant now) {
            if (unread() == 0) {
                return Duration.ZERO;
            }
            if (oldestUnreadAt == null) {
                return null;
            }
            Duration age = Duration.between(oldestUnreadAt, now);
            return age.isNegative() ? Duration.ZERO : age;
        }
    }

    PartitionLag lagOf(Seen seen, Rates rates, Instant now) {
        CatchUp catchUp = catchUp(seen, rates, now);
        NextHour next = nextHour(seen, rates, now);
        Finding finding = finding(seen, catchUp, next, now);
        return new PartitionLag(
                seen.stored.partition(),
                finding.verdict,
                finding.cause,
                seen.owner.words(),
                unread(seen, now),
                catchUp,
                next.deadline(rates, now));
    }

    /** The same without a verdict, since something did not answer and the numbers may be old. */
    PartitionLag unknown(Seen seen, Rates rates, Instant now, String cause) {
        NextHour next = nextHour(seen, rates, now);
        return new PartitionLag(
                seen.stored.partition(),
                LagVerdict.UNKNOWN,
                cause,
                seen.owner.words(),
                unread(seen, now),
                catchUp(seen, Rates.NOT_KNOWN, now),
                next.deadline(Rates.NOT_KNOWN, now));
    }

    static PartitionLag unknown(int partition, PartitionOwner owner, String cause) {
        return new PartitionLag(
                partition, LagVerdict.UNKNOWN, cause, owner.words(), Unread.NOT_TOLD, CatchUp.NOT_KNOWN, null);
    }

    private static Unread unread(Seen seen, Instant now) {
        Duration age = seen.oldestAge(now);
        return new Unread(
                seen.stored.nextOffset(),
                seen.logEnd,
                seen.unread(),
                seen.unread() == 0 ? null : seen.oldestUnreadAt,
                age == null ? null : seconds(age));
    }

    private static CatchUp catchUp(Seen seen, Rates rates, Instant now) {
        double unread = seen.unread();
        Double read = rates.read();
        Double arriving = rates.arriving();
        if (unread == 0) {
            return new CatchUp(Trend.CAUGHT_UP, read, arriving, 0.0);
        }
        if (read == null || arriving == null) {
            return new CatchUp(Trend.NOT_KNOWN, null, null, null);
        }
        if (read == 0) {
            Duration age = seen.oldestAge(now);
            boolean young = age != null && age.compareTo(PATIENCE) < 0;
            return new CatchUp(young ? Trend.NOT_KNOWN : Trend.STANDS_STILL, read, arriving, null);
        }
        if (unread / read <= SOON_SECONDS) {
            return new CatchUp(Trend.CAUGHT_UP, read, arriving, unread / read);
        }
        return read > arriving
                ? new CatchUp(Trend.CATCHING_UP, read, arriving, unread / (read - arriving))
                : new CatchUp(Trend.FALLING_BEHIND, read, arriving, null);
    }

    /**
     * The hour that must be closed next.
     *
     * @param unreadOfIt records that must be read before it can close, those that will come included
     * @param closesAt at the present rate; null if that is never
     */
    private record NextHour(UsageHour hour, double unreadOfIt, @Nullable Instant closesAt) {

        Instant first() {
            return hour.end().plus(FIRST_DEADLINE);
        }

        Instant second() {
            return hour.end().plus(SECOND_DEADLINE);
        }

        /** A partition that stands still is taken to be read at its last rate, once somebody has acted. */
        Deadline deadline(Rates rates, Instant now) {
            Double rate = rates.read() != null && rates.read() > 0 ? rates.read() : rates.lastRead();
            double needed = rate == null || unreadOfIt == 0 ? 0 : unreadOfIt / rate;
            double left = seconds(Duration.between(now, first()));
            return new Deadline(hour.start(), first(), second(), left - needed);
        }
    }

    private NextHour nextHour(Seen seen, Rates rates, Instant now) {
        UsageHour hour = hourToClose(seen, now);
        Instant due = hour.end().plus(grace);
        StoredPosition.NextCutoff cutoff = seen.stored.nextCutoff();
        double arriving = rates.arriving() == null ? 0 : rates.arriving();
        double until = cutoff != null
                ? cutoff.offset()
                : seen.logEnd + (now.isBefore(due) ? arriving * seconds(Duration.between(now, due)) : 0);
        double unread = Math.max(0, until - seen.stored.nextOffset());
        return new NextHour(hour, unread, closesAt(seen, rates, now, due, unread));
    }

    private static @Nullable Instant closesAt(Seen seen, Rates rates, Instant now, Instant due, double unread) {
        Instant soonest = now.isBefore(due) ? due : now;
        if (unread == 0 || seen.unread() == 0) {
            return soonest;
        }
        Double read = rates.read();
        if (read == null || read == 0) {
            Duration age = seen.oldestAge(now);
            return age != null && age.compareTo(PATIENCE) < 0 ? soonest : null;
        }
        Instant whenRead = now.plusMillis((long) Math.min(1e12, unread / read * 1000));
        return whenRead.isAfter(soonest) ? whenRead : soonest;
    }

    /** The one after the last that is closed; before there is one, the first that there is anything of. */
    private static UsageHour hourToClose(Seen seen, Instant now) {
        UsageHour closedThrough = seen.stored.closedThrough();
        if (closedThrough != null) {
            return closedThrough.next();
        }
        StoredPosition.NextCutoff cutoff = seen.stored.nextCutoff();
        UsageHour current = UsageHour.of(now);
        return Stream.of(
                        current,
                        seen.stored.firstBucket(),
                        cutoff == null ? null : cutoff.hour(),
                        seen.oldestUnreadAt == null ? null : UsageHour.of(seen.oldestUnreadAt))
                .filter(hour -> hour != null)
                .min(UsageHour::compareTo)
                .orElse(current);
    }

    private record Finding(LagVerdict verdict, String cause) {}

    private Finding finding(Seen seen, CatchUp catchUp, NextHour next, Instant now) {
        if (seen.logEnd < seen.stored.nextOffset()) {
            return new Finding(
                    LagVerdict.UNKNOWN,
                    "records before " + seen.stored.nextOffset() + " were counted, but the log ends at " + seen.logEnd
                            + ": it has lost records or was made anew");
        }
        String reason = reason(seen, catchUp, next, now) + who(seen);
        if (!now.isBefore(next.first())) {
            String second = now.isBefore(next.second()) ? "" : ", and also the second, " + next.second() + ",";
            return new Finding(
                    LagVerdict.LATE,
                    "hour " + next.hour + " is not closed and its deadline " + next.first() + second + " has passed: "
                            + reason);
        }
        if (catchUp.trend() == Trend.STANDS_STILL || isOverdue(next, now)) {
            return new Finding(
                    LagVerdict.AT_RISK,
                    reason + "; hour " + next.hour + " must be reported by " + next.first() + ", in "
                            + words(Duration.between(now, next.first())));
        }
        Instant closesAt = next.closesAt;
        if (closesAt == null || closesAt.isAfter(next.first().minus(RESERVE))) {
            return new Finding(
                    LagVerdict.AT_RISK,
                    "hour " + next.hour + " must be reported by " + next.first()
                            + ", and at the present rate it closes "
                            + (closesAt == null ? "never" : "at " + closesAt.truncatedTo(ChronoUnit.SECONDS)) + ": "
                            + reason);
        }
        return new Finding(LagVerdict.IN_TIME, inTime(catchUp));
    }

    /** It could be closed for a while, and is not. */
    private boolean isOverdue(NextHour next, Instant now) {
        boolean isDue = !now.isBefore(next.hour.end().plus(grace).plus(PATIENCE));
        return isDue && next.unreadOfIt == 0;
    }

    private String reason(Seen seen, CatchUp catchUp, NextHour next, Instant now) {
        if (catchUp.trend() == Trend.STANDS_STILL) {
            String since = seen.oldestUnreadAt == null
                    ? ""
                    : ", the oldest since " + seen.oldestUnreadAt.truncatedTo(ChronoUnit.SECONDS);
            return seen.unread() + " records wait" + since + ", and none is read";
        }
        if (next.unreadOfIt > 0) {
            return String.format(Locale.ROOT, "%.0f records of it are not read yet", next.unreadOfIt);
        }
        if (seen.stored.nextCutoff() == null && !now.isBefore(next.hour.end().plus(grace))) {
            return "all is read, but nobody has recorded where hour " + next.hour + " ends";
        }
        return "all is read, but hour " + next.hour + " is not entered in the ledger";
    }

    private static String who(Seen seen) {
        String nobody = seen.owner instanceof PartitionOwner.Nobody ? ", no process owns the partition" : "";
        return nobody + (seen.note.isEmpty() ? "" : " (" + seen.note + ")");
    }

    private static String inTime(CatchUp catchUp) {
        Double seconds = catchUp.seconds();
        return switch (catchUp.trend()) {
            case CATCHING_UP ->
                "catches up in "
                        + words(Duration.ofMillis(seconds == null ? 0 : (long) Math.min(1e15, seconds * 1000)));
            case FALLING_BEHIND -> "falls behind, and the hour will still be in time";
            case CAUGHT_UP, STANDS_STILL, NOT_KNOWN -> catchUp.trend().words();
        };
    }

    static String words(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
