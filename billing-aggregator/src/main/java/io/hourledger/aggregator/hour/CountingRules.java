package io.hourledger.aggregator.hour;

import java.time.Duration;

/**
 * What decides whether an event counts, and how much is held in memory.
 *
 * @param partitions of the topic, fixed when it was made
 * @param acceptedAge an event whose time lies longer before its record's timestamp is too old
 * @param acceptedLateHours for how many hours after its cutoff an hour accepts late usage, of the cutoffs that are recorded from now on
 * @param acceptedAhead an event whose time lies further ahead of its record's timestamp is set aside
 * @param hoursInMemory for how many hours behind the last closed one ids stay in memory; an id used again for an event of another hour is
 *     seen as a conflict within these
 * @param mostIds ids of one partition in memory, beyond which it is not read on
 * @param mostBuckets buckets of one partition in memory, beyond which a checkpoint stores them and makes room
 */
public record CountingRules(
        int partitions,
        Duration acceptedAge,
        int acceptedLateHours,
        Duration acceptedAhead,
        int hoursInMemory,
        long mostIds,
        int mostBuckets) {}
