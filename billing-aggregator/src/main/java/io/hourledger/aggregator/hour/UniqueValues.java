package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdTable;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.MeterTerms.Unique;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says which values of a unique count come for the first time in an instance's hour, in any of its revisions. A value has an id of its own
 * among the ids of its hour: so the values are in memory, on disk and in sealed blocks where these are, and last as long. How many a bucket has
 * is held while it counts, since that decides whether a new one still counts. Belongs to one thread; does no I/O.
 */
final class UniqueValues {

    /** What one bucket's number takes, in ids. */
    private static final int IDS_PER_BUCKET = 8;

    private final Meters meters;
    private final EventIdentifier identifier;
    private final EventIdentity identity;
    private final KnownIds ids;
    private final PendingCheckpoint pending;

    private final Map<OpenBucketName, Integer> counted = new HashMap<>();

    /** Those of hours whose ids lie with the store alone, which it has, or which were decided since it was asked. */
    private Set<WantedId> ofSealedHours = new HashSet<>();

    UniqueValues(Meters meters, EventIdentifier identifier, KnownIds ids, PendingCheckpoint pending) {
        this.meters = meters;
        this.identifier = identifier;
        this.identity = identifier.identityOfValues();
        this.ids = ids;
        this.pending = pending;
    }

    /** The names of the meters that count them. */
    Set<String> names() {
        return meters.uniqueCounts();
    }

    /** Learns how many values a stored bucket has, if its meter counts them in its hour: in another version it may be of another kind. */
    void load(OpenBucketName bucket, BigDecimal rawTotal) {
        int meter = meters.numberOf(bucket.meter(), UsageHour.ofNumber(bucket.hour()));
        if (meter >= 0 && meters.isUnique(meter)) {
            counted.put(bucket, rawTotal.intValueExact());
        }
    }

    /**
     * Whether each unique count that reads the event has its value, or room for one more. Which meter its product bills by is not known here.
     *
     * @param ofEvent its own id, which is added next
     */
    boolean hasRoomFor(EventView event, EventIdentity ofEvent, long hour, int revision) {
        if (event.isAmendment()) {
            return true;
        }
        boolean hasRoom = true;
        for (int meter : event.meters()) {
            hasRoom &= !(meters.isUnique(meter) && isOneTooMany(event, meter, hour, revision));
        }
        if (!ids.areSealedOnly(hour)) {
            // values were looked for since, and an id is added where it was not found last
            ids.find(ofEvent, hour, KnownIds.OWN_HOUR_ONLY);
        }
        return hasRoom;
    }

    private boolean isOneTooMany(EventView event, int meter, long hour, int revision) {
        Integer values = counted.get(nameOf(event, meter, hour, revision));
        return values != null
                && values >= ((Unique) meters.meter(meter).terms()).mostValues()
                && !isKnown(event, meter, hour);
    }

    /** Whether the value comes for the first time, after which it is known. */
    boolean addIfNew(EventView event, int meter, long hour, int revision) {
        if (isKnown(event, meter, hour)) {
            return false;
        }
        if (ids.areSealedOnly(hour)) {
            ofSealedHours.add(idAt(hour));
        } else {
            ids.add(identity, hour);
        }
        pending.addId(identity, hour);
        counted.merge(nameOf(event, meter, hour, revision), 1, Integer::sum);
        return true;
    }

    private boolean isKnown(EventView event, int meter, long hour) {
        identifier.identifyValue(event, meter, hour);
        return ids.areSealedOnly(hour)
                ? ofSealedHours.contains(idAt(hour))
                : ids.find(identity, hour, KnownIds.OWN_HOUR_ONLY) != IdTable.ABSENT;
    }

    private WantedId idAt(long hour) {
        return new WantedId(UsageHour.ofNumber(hour), identity.high(), identity.low());
    }

    private OpenBucketName nameOf(EventView event, int meter, long hour, int revision) {
        return OpenBucketName.of(event, meters.meter(meter).name(), hour, revision);
    }

    /** The ids of the values in an event of which only the store can say whether they are new. */
    List<WantedId> wanted(EventView event, long hour) {
        if (event.isAlone() || event.isAmendment() || event.isFilteredOut()) {
            return List.of();
        }
        List<WantedId> wanted = new ArrayList<>();
        for (int meter : event.meters()) {
            if (meters.isUnique(meter)) {
                identifier.identifyValue(event, meter, hour);
                wanted.add(idAt(hour));
            }
        }
        return wanted;
    }

    /** Takes those of the wanted ones that the store has. */
    void learn(Set<WantedId> stored) {
        ofSealedHours = stored;
    }

    /** Adds to {@code wanted} the places on disk that may hold a value of the event. */
    void collectWanted(EventView event, Set<OnDiskId> wanted) {
        if (event.isAlone() || event.isAmendment() || event.isFilteredOut()) {
            return;
        }
        for (int meter : event.meters()) {
            if (meters.isUnique(meter)) {
                identifier.identifyValue(event, meter, event.hour());
                ids.collectWanted(identity, event.hour(), KnownIds.OWN_HOUR_ONLY, wanted);
            }
        }
    }

    /** What the numbers of buckets take in memory, in ids. */
    long inIds() {
        return (long) counted.size() * IDS_PER_BUCKET;
    }

    /** Forgets the numbers of buckets that have ended with this hour or before. */
    void forgetThrough(long hour) {
        counted.keySet().removeIf(bucket -> bucket.endsWith() <= hour);
    }
}
