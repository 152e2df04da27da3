package io.hourledger.aggregator.consumer;

import java.util.HashMap;
import java.util.Map;

/** Halts in memory. */
final class StoredHalts implements HaltStore {

    private final Map<Integer, Halt> halts = new HashMap<>();

    @Override
    public void halted(int partition, Halt halt) {
        halts.put(partition, halt);
    }

    @Override
    public boolean isHalted(int partition) {
        return halts.containsKey(partition);
    }

    @Override
    public void goesOn(int partition) {
        halts.remove(partition);
    }
}
