package io.hourledger.pusher.push;

import io.hourledger.pusher.push.PushQueue.Lane;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Where in the order of the queue the next claim begins, by lane. As long as another transaction may still see them, the rows of records that
 * were sent stay in the index. A claim from the front goes past all of them, so a long drain would cost more with every call. A claim therefore
 * begins where the last one found its first record. What came before that place meanwhile is found by a claim from the front: when a claim finds
 * less than it may carry, and from time to time.
 *
 * <p>Used by one claim at a time.
 */
final class ClaimStarts {

    /** So long may a record wait that came before the place of a claim. */
    private static final Duration FROM_THE_FRONT_AFTER = Duration.ofSeconds(1);

    /** Claims from the front take at most this part of the time, however much they must go past. */
    private static final int PART_OF_TIME = 20;

    private final LongSupplier nanoTime;
    private final Map<Lane, Place> places = new EnumMap<>(Lane.class);
    private final Map<Lane, Long> frontAgainAtNanos = new EnumMap<>(Lane.class);

    /** A place in the order of the queue. */
    record Place(OffsetDateTime deadline, String meteringSn) {

        /** Before all records. */
        static final Place FIRST = new Place(OffsetDateTime.MIN, "");
    }

    ClaimStarts(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    Place of(Lane lane) {
        Long again = frontAgainAtNanos.get(lane);
        boolean isTime = again == null || nanoTime.getAsLong() - again >= 0;
        return isTime ? Place.FIRST : places.getOrDefault(lane, Place.FIRST);
    }

    /** Nothing was before this place. */
    void beginAt(Lane lane, Place place) {
        places.put(lane, place);
    }

    /** Runs a claim from the front. */
    <T> T timed(Lane lane, Supplier<T> claim) {
        long began = nanoTime.getAsLong();
        T claimed = claim.get();
        long now = nanoTime.getAsLong();
        long pause = Math.max(FROM_THE_FRONT_AFTER.toNanos(), PART_OF_TIME * (now - began));
        frontAgainAtNanos.put(lane, now + pause);
        return claimed;
    }
}
