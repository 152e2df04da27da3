package io.hourledger.aggregator.recount;

import io.hourledger.contracts.usage.UsageHour;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A partition's hour in the log beside the same hour in the ledger.
 *
 * @param from the offset from which the log was read
 * @param cutoff where the last of the hour's compared revisions ends in the log
 * @param equal how many instances' hours are the same in both
 * @param notEntered how many are in the log and rightly not in the ledger: their instance is not known yet or has another meter, or a rule refused them
 * @param differing how many are not the same
 * @param differences of those the first {@value #MOST_DIFFERENCES}, by instance
 */
public record HourComparison(
        int partition,
        UsageHour hour,
        long from,
        long cutoff,
        long equal,
        long notEntered,
        long differing,
        List<Difference> differences) {

    static final int MOST_DIFFERENCES = 1_000;

    /**
     * @param log null if it has no such usage
     * @param ledger null if it has no such usage
     * @param catalogueVersion that the ledger's amount was counted with; 0 if it has none
     */
    public record Difference(
            String instance,
            String meter,
            int revision,
            @Nullable Counted log,
            @Nullable Counted ledger,
            int catalogueVersion) {

        /** For a person. */
        public String sentence() {
            return Counted.sentence(log, ledger);
        }
    }

    public boolean isEqual() {
        return differing == 0;
    }
}
