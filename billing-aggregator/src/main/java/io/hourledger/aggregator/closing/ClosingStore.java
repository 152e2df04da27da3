package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Cutoff;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The kept buckets and hours, for closing. All methods may be called again after a crash, and by two processes at once.
 *
 * <p>Each throws {@link io.hourledger.aggregator.hour.StoreUnavailableException} if the store gives no answer; those that are given an {@link ClosableHour} also if
 * it is not over by now, or closed: the store may have gone back, or somebody else was faster. Then nothing was changed.
 */
public interface ClosingStore {

    /** The oldest hour of the partition that is over and not closed, its cutoff not beyond the kept position. */
    Optional<ClosableHour> nextToClose(int partition);

    /** The cutoffs of this hour and of all before it, by hour. */
    List<Cutoff> cutoffsThrough(ClosableHour hour);

    /**
     * The next buckets that end with an hour's cutoff, behind the last one that {@link #entered} was told, by hour, instance and meter: those of the
     * hour, of earlier ones without a cutoff of their own, and the later revisions of earlier hours.
     */
    List<Bucket> nextBuckets(ClosableHour hour, int limit);

    /** For each of these buckets those of the same instance, hour and meter with a lower revision, in their order. */
    Map<Bucket, List<Bucket>> earlierRevisions(int partition, Collection<Bucket> buckets);

    /**
     * Keeps what became of buckets that {@link #nextBuckets} gave, and goes on behind them. Those without a fate are metered.
     *
     * @param at when, in business time
     */
    void entered(ClosableHour hour, List<Bucket> buckets, List<Fate> fates, Instant at);

    /** Keeps that all buckets of an hour were entered. */
    void closed(ClosableHour hour, Instant at);

    /** Waiting buckets of the partition, of instances behind this one, by instance and hour. */
    List<WaitingBucket> waiting(int partition, String afterInstance, int limit);

    /** As {@link #waiting}, of instances with a blocked bucket all that are blocked or waiting: so none overtakes another. */
    List<WaitingBucket> blocked(int partition, String afterInstance, int limit);

    /** Those of these instances that have buckets which are blocked or, if none is, waiting. */
    Map<String, State> waitingAmong(int partition, Collection<String> instances);

    /**
     * Keeps what became of buckets that were waiting or blocked.
     *
     * @param at when, in business time
     */
    void waitedFor(int partition, List<Fate> fates, Instant at);

    /** The instances of the partition that are blocked now. */
    Blocked blocked(int partition);

    /** Sorts the ids of the oldest closed hour that is not sealed into blocks. Empty when there is none. */
    Optional<ClosableHour> sealNext(int partition, Instant at);

    /** Number of the last sealed hour. */
    OptionalLong sealedThrough(int partition);

    /** Number of the last closed hour. */
    OptionalLong closedThrough(int partition);

    /**
     * The instances of one partition that cannot go on.
     *
     * @param since when the first of their hours was blocked, in business time; null if there are none
     */
    record Blocked(long instances, @Nullable Instant since) {

        public static final Blocked NONE = new Blocked(0, null);
    }

    /** A bucket that is waiting or blocked, and when its hour's cutoff was recorded. */
    record WaitingBucket(Bucket bucket, Instant recordedAt) {}

    /** What became of a bucket. */
    record Fate(Bucket bucket, State state, String detail) {}

    /** How a bucket can stand after its hour is closed, other than metered with its hour. */
    enum State {
        /** Nobody knows its instance yet. */
        WAITING("waiting"),
        /** It, or an earlier hour of its instance, fails whenever it is entered, also alone. */
        BLOCKED("blocked"),
        METERED("metered"),
        REFUSED("refused");

        private final String code;

        State(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }
}
