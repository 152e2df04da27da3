package io.hourledger.aggregator.recount;

import java.util.Objects;

/** Opens the log for recounts, after it was made sure that it is the one that was counted. Any number of threads may use it. */
final class CountedLog {

    private final HourRecount.Log log;
    private final RecordedCutoffs recorded;
    private volatile boolean isTheLog;

    CountedLog(HourRecount.Log log, RecordedCutoffs recorded) {
        this.log = log;
        this.recorded = recorded;
    }

    interface Reading<T> {
        Recount<T> from(UsageLogReader usageLog);
    }

    /** Reads with a consumer of its own, and says what keeps it from an answer. */
    <T> Recount<T> read(Reading<T> reading) {
        try {
            makeSureItIsTheLog();
            try (UsageLogReader usageLog = UsageLogReader.open(log.clientSettings(), log.topic())) {
                return reading.from(usageLog);
            }
        } catch (LogGoneException gone) {
            return new Recount.LogGone<>(Objects.requireNonNull(gone.getMessage()));
        } catch (NoRoomException noRoom) {
            return new Recount.NoRoom<>(Objects.requireNonNull(noRoom.getMessage()));
        }
    }

    /** Offsets of another topic of the same name would mean nothing. */
    private void makeSureItIsTheLog() {
        if (isTheLog) {
            return;
        }
        UsageLogReader.mustBeTheCounted(recorded.topicId(), log.clientSettings(), log.topic());
        isTheLog = true;
    }
}
