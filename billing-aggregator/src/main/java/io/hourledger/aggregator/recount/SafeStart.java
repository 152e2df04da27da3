package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;

/**
 * Says from where to read an hour of a whole partition: from the first event of it, or of any hour whose ids were in memory when events of it
 * came.
 *
 * @param isSure whether nothing that matters can have been among what the log has dropped
 */
record SafeStart(long offset, boolean isSure) {

    /**
     * By how much a record may be older than one that lies before it: far more than ingest takes to write what it has received, and than its clocks
     * differ. So if the log begins with a record that is older than a moment by more than this, none that was dropped was from then or later.
     */
    private static final Duration OUT_OF_ORDER = Duration.ofHours(1);

    static SafeStart of(
            UsageLogReader usageLog,
            int partition,
            UsageHour hour,
            RecordedCutoffs.OfPartition cutoffs,
            CountingRules rules) {
        long begin = usageLog.begin(partition);
        long firstOfHour = usageLog.firstSince(partition, hour.start().minus(rules.acceptedAhead()));
        UsageHour passed = cutoffs.lastHourPassedAt(firstOfHour);
        if (passed == null) {
            return new SafeStart(begin, begin == 0);
        }
        Instant since = UsageHour.ofNumber(passed.number() - rules.hoursInMemory() + 1)
                .start()
                .minus(rules.acceptedAhead());
        return new SafeStart(usageLog.firstSince(partition, since), holdsAllSince(usageLog, partition, since));
    }

    /** Whether no record from this moment or later can be among what the log has dropped. */
    static boolean holdsAllSince(UsageLogReader usageLog, int partition, Instant since) {
        long begin = usageLog.begin(partition);
        return begin == 0 || usageLog.firstSince(partition, since.minus(OUT_OF_ORDER)) > begin;
    }

    /** What it means that the log begins there, if the start is not sure. */
    static String begunTooLate(int partition, UsageHour hour, long begin) {
        return "what is left of partition " + partition + " begins at offset " + begin
                + ", where events that matter to hour " + hour + " may have gone before";
    }
}
