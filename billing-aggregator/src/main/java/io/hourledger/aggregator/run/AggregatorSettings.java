package io.hourledger.aggregator.run;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.contracts.usage.ToldAcceptance;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How usage is counted and hours are closed.
 *
 * @param idKey the secret under which events are identified, 32 hexadecimal digits; the same for ever
 * @param threads each reads with its own consumer; more than the topic has partitions are idle
 * @param grace how long after its end an hour waits for events on their way
 * @param acceptedAge how far an event's time may lie behind its record's timestamp
 * @param acceptedLate for how long after its cutoff an hour accepts late usage, in whole hours
 * @param acceptedAhead how far an event's time may lie ahead of its record's timestamp; not less than ingest lets in
 * @param checkpointInterval how often a partition with news is kept
 * @param hoursInMemory for how many hours behind the last closed one ids stay in memory
 * @param maxIds ids of one partition in memory, beyond which ids are left on disk; 0 for what half of the heap holds if all partitions are here
 * @param maxBuckets buckets of one partition in memory, beyond which a checkpoint stores them and makes room; 0 for what three tenths of the heap hold if all partitions
 *     are here
 * @param loadingThreads partitions whose state is loaded at the same time, each on a connection of its own
 * @param closingThreads partitions whose hours are closed at the same time
 * @param closingBatch instances in one transaction of the ledger
 * @param closingTick how often it is looked whether an hour can close, or an instance has come for unmatched usage
 * @param lagInterval how often it is looked how far counting lags behind
 * @param unmatchedAlarm how long usage may be unmatched before it is an alarm
 * @param groupId the consumer group
 * @param groupProtocol {@code classic} or {@code consumer} (KIP-848)
 * @param sessionTimeout after which silence of a member its partitions go to others; with KIP-848 the brokers decide
 * @param maxPollInterval after which a member that does not poll loses its partitions
 * @param maxPollRecords records handed over at once
 * @param retryAfter how long to wait before state is loaded again after a failure
 * @param parserOnly read every event with the full parser: slower, with the same result
 */
@ConfigurationProperties("hourledger.aggregator")
public record AggregatorSettings(
        @Nullable String idKey,
        @DefaultValue("2") int threads,
        @DefaultValue(USUAL_GRACE) Duration grace,
        @DefaultValue("PT26H") Duration acceptedAge,
        @DefaultValue("PT24H") Duration acceptedLate,
        @DefaultValue("PT70M") Duration acceptedAhead,
        @DefaultValue("PT1S") Duration checkpointInterval,
        @DefaultValue("3") int hoursInMemory,
        @DefaultValue("0") long maxIds,
        @DefaultValue("0") int maxBuckets,
        @DefaultValue("4") int loadingThreads,
        @DefaultValue("2") int closingThreads,
        @DefaultValue("1000") int closingBatch,
        @DefaultValue("PT1S") Duration closingTick,
        @DefaultValue("PT5S") Duration lagInterval,
        @DefaultValue("PT2H") Duration unmatchedAlarm,
        @DefaultValue(USUAL_GROUP) String groupId,
        @DefaultValue("classic") String groupProtocol,
        @DefaultValue("PT10S") Duration sessionTimeout,
        @DefaultValue("PT60S") Duration maxPollInterval,
        @DefaultValue("2000") int maxPollRecords,
        @DefaultValue("PT0.5S") Duration retryAfter,
        @DefaultValue("false") boolean parserOnly) {

    /** Also for those who need no other setting. */
    public static final String USUAL_GRACE = "PT2M";

    public static final String USUAL_GROUP = "billing-aggregator";

    private static final String PREFIX = "hourledger.aggregator.";
    private static final Duration LONGEST_LAG_INTERVAL = Duration.ofSeconds(10);
    private static final int MOST_IN_BATCH = 1_000;

    /** A usage record may begin 21 days ago at most, and needs time to be sent. */
    private static final Duration MOST_ACCEPTED_LATE = Duration.ofDays(20);

    private static final int MOST_HOURS_IN_MEMORY = 168;

    private static final int TENTHS_OF_HEAP_FOR_IDS = 5;
    private static final int TENTHS_OF_HEAP_FOR_BUCKETS = 3;

    /** About, with all that is around it; tests and the bench say the same. */
    private static final int BYTES_OF_ID = 27;

    /** About: its row, and its share of the instance's name and place, which the buckets of one instance have together. */
    private static final int BYTES_OF_BUCKET = 200;

    public AggregatorSettings {
        require(
                idKey != null && !idKey.isBlank(),
                "id-key is not set: make one with `openssl rand -hex 16`, keep it secret and never change it");
        require(threads > 0, "threads must be above zero, such as 2, and is " + threads);
        require(!grace.isNegative(), "grace must not be negative; PT2M is usual, and it is " + grace);
        require(isPositive(acceptedAge), "accepted-age must be above zero, such as PT26H, and is " + acceptedAge);
        require(
                !acceptedLate.isNegative()
                        && acceptedLate.compareTo(MOST_ACCEPTED_LATE) <= 0
                        && acceptedLate.equals(Duration.ofHours(acceptedLate.toHours())),
                "accepted-late must be whole hours, from PT0H to PT480H, such as PT24H, and is " + acceptedLate);
        Duration oldestAccepted = acceptedLate.plus(UsageHour.LENGTH).plus(grace);
        require(
                acceptedLate.isZero() || acceptedAge.compareTo(oldestAccepted) >= 0,
                "accepted-age must be accepted-late, an hour and the grace, " + oldestAccepted
                        + " or more, or late usage is too old before its hour stops accepting it; it is "
                        + acceptedAge);
        require(
                !acceptedAhead.isNegative(),
                "accepted-ahead must not be negative; PT70M is usual, and it is " + acceptedAhead);
        require(
                isPositive(checkpointInterval),
                "checkpoint-interval must be above zero, such as PT1S, and is " + checkpointInterval);
        require(
                hoursInMemory >= 1 && hoursInMemory <= MOST_HOURS_IN_MEMORY,
                "hours-in-memory must lie between 1 and " + MOST_HOURS_IN_MEMORY + ", and is " + hoursInMemory);
        require(
                maxIds == 0 || maxIds >= 2L * maxPollRecords,
                "max-ids must be twice max-poll-records or more, or 0 for what fits the heap, and is " + maxIds);
        require(
                maxBuckets == 0 || maxBuckets >= maxPollRecords,
                "max-buckets must be max-poll-records or more, or 0 for what fits the heap, and is " + maxBuckets);
        require(loadingThreads > 0, "loading-threads must be above zero, such as 4, and is " + loadingThreads);
        require(closingThreads > 0, "closing-threads must be above zero, such as 2, and is " + closingThreads);
        require(
                closingBatch > 0 && closingBatch <= MOST_IN_BATCH,
                "closing-batch must lie between 1 and " + MOST_IN_BATCH + ", and is " + closingBatch);
        require(isPositive(closingTick), "closing-tick must be above zero, such as PT1S, and is " + closingTick);
        require(
                isPositive(lagInterval) && lagInterval.compareTo(LONGEST_LAG_INTERVAL) <= 0,
                "lag-interval must lie above zero and not above " + LONGEST_LAG_INTERVAL + ", such as PT5S, and is "
                        + lagInterval);
        require(
                isPositive(unmatchedAlarm),
                "unmatched-alarm must be above zero, such as PT2H, and is " + unmatchedAlarm);
        require(!groupId.isBlank(), "group-id must not be empty; billing-aggregator is usual");
        groupProtocol = groupProtocol.toLowerCase(Locale.ROOT);
        require(
                groupProtocol.equals("classic") || groupProtocol.equals("consumer"),
                "group-protocol must be classic or consumer, and is " + groupProtocol);
        require(
                isPositive(sessionTimeout),
                "session-timeout must be above zero, such as PT10S, and is " + sessionTimeout);
        require(
                maxPollInterval.compareTo(sessionTimeout) >= 0,
                "max-poll-interval must not be shorter than session-timeout, and is " + maxPollInterval);
        require(maxPollRecords > 0, "max-poll-records must be above zero, such as 2000, and is " + maxPollRecords);
        require(isPositive(retryAfter), "retry-after must be above zero, such as PT0.5S, and is " + retryAfter);
    }

    /**
     * Requires of the pool of connections that loading and closing at full leave some for checkpoints, for the lag and for health.
     *
     * @throws IllegalArgumentException with a sentence for a person, if they do not
     */
    public void requireConnections(int inPool) {
        int atOnce = loadingThreads + closingThreads + threads + 2;
        if (inPool < atOnce) {
            throw new IllegalArgumentException("spring.datasource.hikari.maximum-pool-size is " + inPool
                    + " and must be " + atOnce + " or more: " + PREFIX + "loading-threads " + loadingThreads
                    + ", closing-threads " + closingThreads + " and threads " + threads
                    + " use a connection each, and 2 are for lag and health; raise it, or lower those");
        }
    }

    /** After so long without a poll that returned it is not reading: long before the group takes its partitions away. */
    public Duration longestWithoutPoll() {
        return maxPollInterval.dividedBy(2);
    }

    /** What decides whether an event counts. */
    public CountingRules countingRules(int partitions) {
        return countingRules(partitions, Runtime.getRuntime().maxMemory());
    }

    public CountingRules countingRules(int partitions, long heap) {
        long ofPartition = heap / 10 / partitions;
        long ids = Math.max(2L * maxPollRecords, ofPartition * TENTHS_OF_HEAP_FOR_IDS / BYTES_OF_ID);
        long buckets = Math.max(maxPollRecords, ofPartition * TENTHS_OF_HEAP_FOR_BUCKETS / BYTES_OF_BUCKET);
        return new CountingRules(
                partitions,
                acceptedAge,
                (int) acceptedLate.toHours(),
                acceptedAhead,
                hoursInMemory,
                maxIds == 0 ? ids : maxIds,
                maxBuckets == 0 ? (int) Math.min(buckets, Integer.MAX_VALUE) : maxBuckets);
    }

    private static boolean isPositive(Duration duration) {
        return duration.compareTo(Duration.ZERO) > 0;
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(PREFIX + sentence);
        }
    }

    /** What ingest must know of these. */
    ToldAcceptance told() {
        return new ToldAcceptance(acceptedLate);
    }
}
