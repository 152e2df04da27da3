package io.hourledger.aggregator.hour;

import java.util.List;

/**
 * Cutoffs that were acted upon, kept where they do not go back when the database does. An aggregator on a database that went back ends the
 * same hours at the same offsets again, and so counts the same.
 */
public interface CutoffJournal {

    /** Nothing is kept outside: hours of a database that went back end elsewhere in the log. */
    CutoffJournal NONE = new CutoffJournal() {
        @Override
        public List<Cutoff> of(int partition) {
            return List.of();
        }

        @Override
        public void keep(int partition, List<Cutoff> cutoffs) {}
    };

    /**
     * All that were kept of a partition, by hour.
     *
     * @throws RuntimeException if they cannot be read now; then the partition may not be counted
     */
    List<Cutoff> of(int partition);

    /**
     * Keeps cutoffs before anything is entered that rests on the last of them. All before it are told again, so that nothing is missing
     * outside for good.
     *
     * @param cutoffs all that were acted upon or now will be, by hour
     * @throws PartitionHaltedException if another cutoff of one of these hours was acted upon; nothing may be entered
     * @throws RuntimeException if they may or may not have been kept; then nothing may be entered
     */
    void keep(int partition, List<Cutoff> cutoffs);
}
