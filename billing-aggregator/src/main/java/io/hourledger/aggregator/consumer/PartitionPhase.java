package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.PartitionCheckpointer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Says what an owned partition is doing. Its consumer reads it only while it is counting. */
sealed interface PartitionPhase {

    /** State was dropped, and is loaded again at this moment of the machine's clock. */
    record Waiting(long untilNanos) implements PartitionPhase {}

    /** State is being loaded beside the poll loop. */
    record Loading(CompletableFuture<PartitionCheckpointer> result) implements PartitionPhase {}

    /** Records are applied. */
    record Counting(PartitionCheckpointer checkpointer) implements PartitionPhase {}

    /** So many ids are held that no record is read until there is room again. */
    record AtBound(PartitionCheckpointer checkpointer) implements PartitionPhase {}

    /** Nothing is read until the partition is loaded anew: when a person lets it go on, after a restart, or by another process. */
    record Halted(HaltWatch watch) implements PartitionPhase {}

    /** The partition is not ours any more. */
    record Released() implements PartitionPhase {}

    /** The state that is held; null while there is none to apply records to. */
    default @Nullable PartitionCheckpointer held() {
        return switch (this) {
            case Counting(PartitionCheckpointer checkpointer) -> checkpointer;
            case AtBound(PartitionCheckpointer checkpointer) -> checkpointer;
            case Waiting _, Loading _, Halted _, Released _ -> null;
        };
    }
}
