package io.hourledger.benchmarks.aggregator;

import io.hourledger.benchmarks.load.Workload;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/** What the aggregator holds when it is started again: many ids and the buckets of 20,000 instances, over three hours. */
final class IdLoad {

    static final int PARTITIONS = 4;
    static final int HOURS = 3;
    static final Instant FROM = Instant.parse("2026-09-01T08:00:00Z");

    /** A topic just long enough for the offsets of all checkpoints to lie in it. */
    static final Workload OF_INSTANCES = new Workload(40_000, 20_000, PARTITIONS, FROM, HOURS, 3);

    private IdLoad() {}

    static UsageHour hour(int index) {
        return UsageHour.ofNumber(UsageHour.of(FROM).number() + index);
    }
}
