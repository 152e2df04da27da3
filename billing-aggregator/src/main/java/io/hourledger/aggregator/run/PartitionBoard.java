package io.hourledger.aggregator.run;

import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.hour.PartitionOwnership;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Knows who owns the partitions that are ours, and how they stand. Each is owned by the last ownership that was given of it. */
public final class PartitionBoard {

    private final AtomicLong epochs = new AtomicLong();
    private final Map<Integer, Owned> owned = new ConcurrentSkipListMap<>();

    /**
     * @param status null until its owner has said how it stands
     */
    private record Owned(PartitionOwnership ownership, @Nullable PartitionStatus status) {}

    PartitionOwnership given(int partition) {
        PartitionOwnership given = new PartitionOwnership(partition, epochs.incrementAndGet());
        owned.merge(
                partition,
                new Owned(given, null),
                (before, now) -> now.ownership.isNewerThan(before.ownership) ? now : before);
        return given;
    }

    void stands(PartitionOwnership ownership, PartitionStatus status) {
        owned.computeIfPresent(
                ownership.partition(),
                (partition, now) -> now.ownership.equals(ownership) ? new Owned(ownership, status) : now);
    }

    void released(PartitionOwnership ownership) {
        owned.computeIfPresent(ownership.partition(), (partition, now) -> now.ownership.equals(ownership) ? null : now);
    }

    /** How each stands, by partition. */
    public List<PartitionStatus> all() {
        return owned.values().stream()
                .map(Owned::status)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Who owns each, by partition. */
    public List<PartitionOwnership> ownerships() {
        return owned.values().stream().map(Owned::ownership).toList();
    }

    /** The partitions that are ours. */
    List<Integer> ours() {
        return List.copyOf(owned.keySet());
    }

    /** Why the owner of a partition does not read it, for a person; empty if it reads, or is not of this process. */
    String note(int partition) {
        return of(partition).map(PartitionBoard::note).orElse("");
    }

    private static String note(PartitionStatus status) {
        return switch (status.state()) {
            case HALTED -> "halted: " + status.haltedBecause();
            case LOADING -> "its state is being loaded";
            case COUNTING -> status.boundReached() ? "at its bound on ids" : "";
        };
    }

    public Optional<PartitionStatus> of(int partition) {
        return Optional.ofNullable(owned.get(partition)).map(Owned::status);
    }
}
