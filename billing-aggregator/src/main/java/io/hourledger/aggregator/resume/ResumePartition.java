package io.hourledger.aggregator.resume;

import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.recount.LogExtents;
import io.hourledger.aggregator.recount.LogExtents.Extent;
import io.hourledger.aggregator.resume.PartitionStanding.StoredHalt;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Lets a halted partition go on where it stands, or behind records that are lost. It says beforehand what would happen. A worker that runs
 * notices by itself.
 */
public final class ResumePartition {

    /** So far ahead of its record an event may lie, at the usual settings. */
    private static final Duration AHEAD = Duration.ofHours(2);

    private final PartitionPositions positions;
    private final LogExtents log;

    public ResumePartition(PartitionPositions positions, LogExtents log) {
        this.positions = positions;
        this.log = log;
    }

    /** What would happen, or why it would not. */
    public sealed interface Plan {

        /** The same checks decide anew from where it stands. */
        record TryAgain(PartitionStanding standing) implements Plan {}

        /** It goes on behind the gap. */
        record Skip(PartitionStanding standing, LogGap gap) implements Plan {}

        /**
         * It must not go on like that.
         *
         * @param sentence for a person
         */
        record Refused(String sentence) implements Plan {}
    }

    /**
     * @param to where to go on; empty for where it stands
     */
    public Plan plan(int partition, OptionalLong to, DecidedBy by, Instant now) {
        Optional<PartitionStanding> found = positions.of(partition);
        if (found.isEmpty()) {
            return new Plan.Refused("nothing was ever read of a partition " + partition);
        }
        PartitionStanding standing = found.get();
        StoredHalt halted = standing.halted();
        if (halted == null) {
            return new Plan.Refused("partition " + partition + " is not halted");
        }
        Extent extent = log.of(partition);
        return to.isPresent()
                ? skip(standing, halted, extent, to.getAsLong(), by, now)
                : tryAgain(standing, halted, extent);
    }

    private static Plan tryAgain(PartitionStanding standing, StoredHalt halted, Extent extent) {
        if (halted.reason().equals(HaltReason.SUPERSEDED.code())) {
            return new Plan.Refused("no partition is at fault, so none goes on by itself: " + halted.mending());
        }
        if (halted.liesInRecords() && standing.nextOffset() < extent.begin()) {
            return new Plan.Refused("the log begins at offset " + extent.begin() + ", so it would halt again: offsets "
                    + standing.nextOffset() + " to " + (extent.begin() - 1)
                    + " are lost. Bring them back, or go on behind them with --to log-start");
        }
        return new Plan.TryAgain(standing);
    }

    private Plan skip(
            PartitionStanding standing, StoredHalt halted, Extent extent, long to, DecidedBy by, Instant now) {
        if (!halted.liesInRecords()) {
            return new Plan.Refused(
                    "no record is at fault (" + halted.reason() + "), so none is skipped: " + halted.mending());
        }
        long from = standing.nextOffset();
        if (to <= from) {
            return new Plan.Refused("records before offset " + from + " are accounted for; a position never goes back");
        }
        if (to < extent.begin() || to > extent.end()) {
            return new Plan.Refused(said(extent));
        }
        Instant behind = log.firstRecordedAt(standing.partition(), to).orElse(now);
        UsageHour last = UsageHour.of(behind.plus(AHEAD));
        UsageHour first = standing.acceptsFrom();
        return new Plan.Skip(
                standing,
                new LogGap(
                        standing.partition(),
                        from,
                        to,
                        first,
                        first != null && first.compareTo(last) > 0 ? first : last,
                        now,
                        by));
    }

    private static String said(Extent extent) {
        return extent.begin() == extent.end()
                ? "the log holds no records now: the one offset to go on at is its end, " + extent.end()
                : "the log holds offsets " + extent.begin() + " to " + (extent.end() - 1)
                        + ": name one of these, or its end " + extent.end();
    }

    /**
     * Does what was planned.
     *
     * @return false, and nothing has happened, if the partition has gone on or was moved since
     */
    public boolean run(Plan plan, DecidedBy by, Instant now) {
        return switch (plan) {
            case Plan.TryAgain(PartitionStanding standing) -> positions.tryAgain(standing, by, now);
            case Plan.Skip(PartitionStanding standing, LogGap gap) -> positions.skip(standing, gap);
            case Plan.Refused _ -> false;
        };
    }
}
