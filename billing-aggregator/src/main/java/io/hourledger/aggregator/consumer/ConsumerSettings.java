package io.hourledger.aggregator.consumer;

import java.time.Duration;

/**
 * How a partition is read and kept.
 *
 * @param grace how long after its end an hour waits for events on their way
 * @param checkpointInterval how often a partition with news is kept
 * @param hoursInMemory see {@link io.hourledger.aggregator.hour.CountingRules}
 * @param mostPolled records that one poll may give
 * @param retryAfter how long to wait before state is loaded again
 */
public record ConsumerSettings(
        String topic,
        Duration grace,
        Duration checkpointInterval,
        int hoursInMemory,
        int mostPolled,
        Duration retryAfter) {}
