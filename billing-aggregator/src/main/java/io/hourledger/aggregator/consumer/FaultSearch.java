package io.hourledger.aggregator.consumer;

/**
 * Narrows down which record the store refuses. What was refused is counted again in checkpoints half as long, so that all before the record at
 * fault is stored and that record is named.
 */
final class FaultSearch {

    /** Where the last stored checkpoint ended. */
    private long storedOffset;

    /** Records applied since then; offsets would not do, since the log has gaps. */
    private int recordsSinceStored;

    private long lastApplied;

    /** While a record at fault is looked for: how many records a checkpoint may hold, and up to where the fault lies. */
    private int mostInCheckpoint = Integer.MAX_VALUE;

    private long faultBefore;

    void loaded(long checkpointedOffset) {
        storedOffset = checkpointedOffset;
        recordsSinceStored = 0;
    }

    void applied(long offset) {
        recordsSinceStored++;
        lastApplied = offset;
    }

    /** Whether the next checkpoint may hold no further record. */
    boolean isCheckpointFull() {
        return recordsSinceStored >= mostInCheckpoint;
    }

    void stored(long checkpointedOffset) {
        loaded(checkpointedOffset);
        if (storedOffset >= faultBefore) {
            mostInCheckpoint = Integer.MAX_VALUE;
        }
    }

    /** Whether a refused checkpoint cannot be made any shorter. */
    boolean isFound() {
        return recordsSinceStored <= 1;
    }

    /** Names what is at fault. */
    String found(long end) {
        return recordsSinceStored == 1 ? "record " + lastApplied : "the checkpoint at offset " + end;
    }

    /** The checkpoint that ended here was refused: those that follow hold half as many records, until they have passed it. */
    void narrow(long end) {
        mostInCheckpoint = Math.max(1, Math.min(mostInCheckpoint, recordsSinceStored) / 2);
        faultBefore = end;
    }

    long storedOffset() {
        return storedOffset;
    }
}
