package io.hourledger.aggregator.lag;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How one partition lags behind, and whether its next hour will be reported in time.
 *
 * @param cause of the verdict, in words
 * @param owner who reads it, in words
 * @param deadline null if it is not known which hour is next
 */
public record PartitionLag(
        int partition,
        LagVerdict verdict,
        String cause,
        String owner,
        @JsonUnwrapped Unread unread,
        @JsonUnwrapped CatchUp catchUp,
        @JsonUnwrapped @Nullable Deadline deadline) {

    /**
     * What is not counted yet.
     *
     * @param nextOffset null if it was never told
     * @param logEnd null if it was never told
     * @param lag records between the two
     * @param oldestUnreadAt when the oldest of them was received; null if there is none, or it is not known
     * @param oldestUnreadSeconds how long ago that was; 0 if there is none
     */
    public record Unread(
            @Nullable Long nextOffset,
            @Nullable Long logEnd,
            @Nullable Long lag,
            @Nullable Instant oldestUnreadAt,
            @Nullable Double oldestUnreadSeconds) {

        static final Unread NOT_TOLD = new Unread(null, null, null, null, null);
    }

    /**
     * Where the lag is going.
     *
     * @param readPerSecond records a second of business time; null before the second look
     * @param arrivingPerSecond the same of records that come in
     * @param seconds until all is read, at these rates; null if that is never, or not known
     */
    public record CatchUp(
            Trend trend,
            @Nullable Double readPerSecond,
            @Nullable Double arrivingPerSecond,
            @com.fasterxml.jackson.annotation.JsonProperty("catchUpSeconds") @Nullable Double seconds) {

        static final CatchUp NOT_KNOWN = new CatchUp(Trend.NOT_KNOWN, null, null, null);
    }

    /**
     * The hour that must be closed next.
     *
     * @param hour when it begins
     * @param first when it must be reported, 15 minutes after its end
     * @param second the latest that is allowed, two hours after its end
     * @param secondsLeft until the first deadline, less the time to read what is missing; below zero if it cannot be met
     */
    public record Deadline(
            Instant hour,
            @com.fasterxml.jackson.annotation.JsonProperty("deadline") Instant first,
            @com.fasterxml.jackson.annotation.JsonProperty("secondDeadline") Instant second,
            double secondsLeft) {}
}
