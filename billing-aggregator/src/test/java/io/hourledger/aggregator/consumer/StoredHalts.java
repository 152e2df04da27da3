package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.HaltReason;
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

    @Override
    public void allGoOn(HaltReason reason) {
        halts.values().removeIf(halt -> halt.reason() == reason);
    }
}
