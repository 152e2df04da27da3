package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Cutoff;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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

    /** Subjects of the partition behind this one that have unmatched buckets, in order. */
    List<String> unmatched(int partition, String afterSubject, int limit);

    /** Instances of the partition that were opened while usage of them was unmatched. */
    Set<String> opened(int partition, int limit);

    /** Keeps that the usage of these instances was looked at since they were opened. */
    void forgetOpened(int partition, Collection<String> instances);

    /** Unmatched buckets of these instances, by instance and hour. */
    List<WaitingBucket> unmatchedOf(int partition, Collection<String> instances, int limit);

    /** Buckets of instances with a blocked one, all that are blocked or unmatched, by instance and hour: so none overtakes another. */
    List<WaitingBucket> blocked(int partition, String afterInstance, int limit);

    /** Those of these instances that have buckets which are blocked or, if none is, unmatched. */
    Map<String, State> waitingAmong(int partition, Collection<String> instances);

    /**
     * Keeps what became of buckets that were unmatched or blocked.
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

    /** A bucket that is unmatched or blocked, and when its hour's cutoff was recorded. */
    record WaitingBucket(Bucket bucket, Instant recordedAt) {}

    /**
     * What became of a bucket.
     *
     * @param counting the meter whose bucket accounts from now on for the events that both have
     * @param ofRest its state if it has other events, too
     */
    record Fate(Bucket bucket, State state, String detail, String counting, State ofRest) {

        public Fate(Bucket bucket, State state, String detail) {
            this(bucket, state, detail, bucket.meter(), state);
        }
    }

    /** How a bucket can stand after its hour is closed, other than metered with its hour. */
    enum State {
        /** No instance has its subject yet. */
        UNMATCHED("unmatched"),
        /** It, or an earlier hour of its instance, fails whenever it is entered, also alone. */
        BLOCKED("blocked"),
        METERED("metered"),
        /** Its instance has another meter, which reads events of the same type. */
        DROPPED("dropped"),
        /** By a rule of the ledger; or it has events that the meter of its instance does not read. */
        REFUSED("refused"),
        /** A person has said that nobody is billed for it. */
        WRITTEN_OFF("written-off");

        private final String code;

        State(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }
}
