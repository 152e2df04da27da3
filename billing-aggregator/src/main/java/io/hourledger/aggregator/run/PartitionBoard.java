package io.hourledger.aggregator.run;

import io.hourledger.aggregator.consumer.PartitionStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** How the partitions that are ours stand. */
public final class PartitionBoard {

    private final Map<Integer, PartitionStatus> statuses = new ConcurrentSkipListMap<>();

    void stands(PartitionStatus status) {
        statuses.put(status.partition(), status);
    }

    void released(int partition) {
        statuses.remove(partition);
    }

    /** By partition. */
    public List<PartitionStatus> all() {
        return List.copyOf(statuses.values());
    }

    public Optional<PartitionStatus> of(int partition) {
        return Optional.ofNullable(statuses.get(partition));
    }
}
