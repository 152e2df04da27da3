package io.hourledger.pusher.push;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the suspects that are left of each call that was refused as a whole. When all others of its call were accepted, the last one is at
 * fault. Kept in memory and bounded: what is forgotten is found again by a few more calls.
 */
final class SuspectSets {

    private static final int MOST = 1000;

    private final Map<Long, Integer> left = new LinkedHashMap<>();

    /**
     * Learns from what came of a call.
     *
     * @param attempt the call, which is also the number of the set that its suspects are from now on
     */
    synchronized void learn(long attempt, List<PendingRecord> records, List<PushOutcome> outcomes) {
        int suspects = 0;
        for (int i = 0; i < records.size(); i++) {
            Long set = records.get(i).suspectSet();
            switch (outcomes.get(i)) {
                case PushOutcome.Reported _ -> {
                    if (set != null) {
                        left.computeIfPresent(set, (number, others) -> others - 1);
                    }
                }
                case PushOutcome.Again again -> suspects += again.grouping() == PushOutcome.Grouping.SUSPECT ? 1 : 0;
                case PushOutcome.Refused _, PushOutcome.OutcomeUnknown _ -> {
                    // the fault of its set is found, so the set is no more
                }
            }
        }
        if (suspects > 1) {
            left.put(attempt, suspects);
        }
        if (left.size() > MOST) {
            left.remove(left.keySet().iterator().next());
        }
    }

    /** Whether all others of the refused call that made this record a suspect were accepted since. */
    synchronized boolean isLast(PendingRecord suspect) {
        return suspect.suspectSet() != null && left.getOrDefault(suspect.suspectSet(), 0) == 1;
    }
}
