package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.CutoffJournal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Cutoffs outside, the same for all processes. No hour may end in two places. */
final class InMemoryJournal implements CutoffJournal {

    private final Map<Integer, TreeMap<Long, Cutoff>> stored = new HashMap<>();

    private TreeMap<Long, Cutoff> ofPartition(int partition) {
        return stored.computeIfAbsent(partition, none -> new TreeMap<>());
    }

    @Override
    public List<Cutoff> of(int partition) {
        return List.copyOf(ofPartition(partition).values());
    }

    @Override
    public void keep(int partition, List<Cutoff> cutoffs) {
        for (Cutoff cutoff : cutoffs) {
            Cutoff before = ofPartition(partition).putIfAbsent(cutoff.hour().number(), cutoff);
            if (before != null && !before.equals(cutoff)) {
                throw new AssertionError(cutoff + " after " + before);
            }
        }
    }
}
