package io.hourledger.aggregator.hour;

import java.util.List;

/**
 * All that changed in one partition's count since the checkpoint before. It is kept as a whole or not at all, and only on top of that
 * checkpoint.
 *
 * <p>The offset alone does not prove that: a checkpoint that records a cutoff need not move it, and whoever read before that cutoff was
 * there would count past it. So checkpoints are numbered.
 *
 * @param increments of the buckets that changed
 * @param newIds of the events counted
 * @param corrections what changes hours that were counted, or will be
 */
public record Checkpoint(
        int partition,
        Advance advance,
        Tallies tallies,
        List<BucketIncrement> increments,
        List<NewIds> newIds,
        List<QuarantinedRecord> quarantined,
        List<Cutoff> cutoffs,
        Corrections corrections) {

    /** One without late usage and amendments. */
    public Checkpoint(
            int partition,
            Advance advance,
            Tallies tallies,
            List<BucketIncrement> increments,
            List<NewIds> newIds,
            List<QuarantinedRecord> quarantined,
            List<Cutoff> cutoffs) {
        this(partition, advance, tallies, increments, newIds, quarantined, cutoffs, Corrections.NONE);
    }

    /**
     * What changes the amounts of hours beside their own events in time.
     *
     * @param lateEvents how many of the new ids are of events that came after the cutoff of their hour
     * @param amendments events that correct others, in the order of the log
     */
    public record Corrections(long lateEvents, List<CountedAmendment> amendments) {

        public static final Corrections NONE = new Corrections(0, List.of());

        public Corrections {
            amendments = List.copyOf(amendments);
        }
    }

    /**
     * Says from where to where a checkpoint moves the position.
     *
     * @param number this checkpoint's; the one before it has one less
     * @param expectedNextOffset where the checkpoint before ended: if the store stands anywhere else, somebody else went on from there
     * @param nextOffset where this one ends; records before it are accounted for
     * @param leaderEpoch of the log's leader that wrote the record before it, or a later one; {@link #NO_EPOCH} if it is not known
     */
    public record Advance(long number, long expectedNextOffset, long nextOffset, int leaderEpoch) {

        public Advance(long number, long expectedNextOffset, long nextOffset) {
            this(number, expectedNextOffset, nextOffset, NO_EPOCH);
        }
    }

    /** It is not known which leader wrote what was read last. */
    public static final int NO_EPOCH = -1;

    /** The same, of a log whose leader had this epoch. */
    Checkpoint readIn(int leaderEpoch) {
        return new Checkpoint(
                partition,
                new Advance(advance.number, advance.expectedNextOffset, advance.nextOffset, leaderEpoch),
                tallies,
                increments,
                newIds,
                quarantined,
                cutoffs,
                corrections);
    }

    /** What was counted of the buckets that changed. */
    public List<Bucket> buckets() {
        return increments.stream().map(BucketIncrement::bucket).toList();
    }

    public long lateEvents() {
        return corrections.lateEvents;
    }

    public long number() {
        return advance.number;
    }

    public long expectedNextOffset() {
        return advance.expectedNextOffset;
    }

    public long nextOffset() {
        return advance.nextOffset;
    }

    public int leaderEpoch() {
        return advance.leaderEpoch;
    }
}
