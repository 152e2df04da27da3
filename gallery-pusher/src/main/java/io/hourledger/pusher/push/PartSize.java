package io.hourledger.pusher.push;

import io.hourledger.pusher.push.PushOutcome.Again;
import io.hourledger.pusher.push.PushOutcome.Grouping;
import java.util.List;

/**
 * Decides how many parts of refused calls travel together: half as many after a call that was not taken, a tenth of the ceiling more after
 * one that was. So the size comes to where about every second call is taken, which finds bad records in few calls.
 */
final class PartSize {

    private static final int STEPS = 10;

    private final int ceiling;
    private int most;

    PartSize(int ceiling) {
        this.ceiling = ceiling;
        this.most = ceiling;
    }

    synchronized int most() {
        return most;
    }

    /**
     * Learns from what came of a call of parts. Others say nothing of them, and may be refused for our key. Half of a set that holds a
     * record at fault says nothing of the other parts, either.
     */
    synchronized void learn(List<PendingRecord> records, List<PushOutcome> outcomes) {
        if (records.stream().noneMatch(PendingRecord::part)) {
            return;
        }
        boolean fromASet = records.stream().anyMatch(record -> record.suspectSet() != null);
        if (goAgain(outcomes, Grouping.AMONG_PARTS) || (goAgain(outcomes, Grouping.SUSPECT) && !fromASet)) {
            if (records.size() > 1) {
                most = Math.min(most, records.size() / 2);
            }
        } else if (outcomes.stream().noneMatch(Again.class::isInstance)) {
            most = Math.min(ceiling, most + Math.max(1, ceiling / STEPS));
        }
    }

    private static boolean goAgain(List<PushOutcome> outcomes, Grouping grouping) {
        return outcomes.stream().anyMatch(outcome -> outcome instanceof Again again && again.grouping() == grouping);
    }
}
