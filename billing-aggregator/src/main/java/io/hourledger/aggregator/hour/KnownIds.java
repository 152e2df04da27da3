package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.aggregator.ids.IdTable;
import io.hourledger.aggregator.ids.IdTables;
import io.hourledger.contracts.usage.UsageHour;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Knows the ids of counted events near now: most in memory, others on disk behind a filter. It does no I/O: whoever applies records looks up
 * beforehand what may be on disk. Belongs to one thread.
 */
final class KnownIds {

    /** For {@link #find}: no other hour's ids are looked at. */
    static final long OWN_HOUR_ONLY = Long.MAX_VALUE;

    private final IdTables inMemory = new IdTables();
    private final List<Run> onDisk = new ArrayList<>();

    /** What the store has answered about the records that are applied next. */
    private final Map<OnDiskId, Long> answers = new HashMap<>();

    private long sealedThrough = CutoffTable.NO_HOUR;

    /** Ids of hours up to here are no longer in memory, but in sealed blocks. */
    private long sealedOnlyThrough = CutoffTable.NO_HOUR;

    /** Ids of these hours never leave memory. */
    private long pinnedFrom = IdTable.NO_HOUR;

    private long pinnedThrough = IdTable.NO_HOUR;

    /** Ids of an hour near now that are on disk, and a filter that says which are surely not among them. */
    private record Run(UsageHour hour, long number, long ids, IdFilter filter) {

        boolean mayHold(EventIdentity identity, long inHour, long sinceHour) {
            long hourOfRun = hour.number();
            return (hourOfRun == inHour || hourOfRun >= sinceHour) && filter.mayHold(identity.high(), identity.low());
        }

        OnDiskId wanted(EventIdentity identity) {
            return new OnDiskId(hour, number, identity.high(), identity.low());
        }
    }

    /** Makes room for so many ids; those of hours up to {@code sealedThrough} lie in sealed blocks too. */
    void expect(long sealedThrough, long ids) {
        this.sealedThrough = sealedThrough;
        inMemory.expect(ids);
    }

    /** Learns, while ids are loaded, up to which hour they may have left memory. */
    void memoryBeginsAfter(long hour) {
        sealedOnlyThrough = Math.min(sealedThrough, hour);
    }

    /** Adds stored ids of one hour. */
    void load(UsageHour hour, byte[] stored) {
        if (!inMemory.addAll(hour.number(), stored)) {
            throw new PartitionHaltedException(HaltReason.DAMAGED_IDS, "an id of hour " + hour + " is kept twice");
        }
    }

    void leaveOnDisk(UsageHour hour, long run, long ids, IdFilter filter) {
        onDisk.add(new Run(hour, run, ids, filter));
    }

    boolean hasSomeOnDisk() {
        return !onDisk.isEmpty();
    }

    /** Adds to {@code wanted} the places on disk that may hold an id counted in {@code hour}, or in any from {@code sinceHour} on. */
    void collectWanted(EventIdentity identity, long hour, long sinceHour, Set<OnDiskId> wanted) {
        for (Run run : onDisk) {
            if (run.mayHold(identity, hour, sinceHour)) {
                wanted.add(run.wanted(identity));
            }
        }
    }

    void forgetAnswers() {
        answers.clear();
    }

    void answer(List<OnDiskId> wanted, long[] contents) {
        for (int i = 0; i < contents.length; i++) {
            answers.put(wanted.get(i), contents[i]);
        }
    }

    /**
     * Looks for an id counted in {@code hour}, or in any hour from {@code sinceHour} on.
     *
     * @return the content of its event as an unsigned 32-bit number, or {@link IdTable#ABSENT}, after which {@link #add} may add it
     */
    long find(EventIdentity identity, long hour, long sinceHour) {
        long known = inMemory.find(identity.high(), identity.low(), hour, sinceHour);
        return known != IdTable.ABSENT || onDisk.isEmpty() ? known : findOnDisk(identity, hour, sinceHour);
    }

    private long findOnDisk(EventIdentity identity, long hour, long sinceHour) {
        for (Run run : onDisk) {
            if (run.mayHold(identity, hour, sinceHour)) {
                Long answer = answers.get(run.wanted(identity));
                if (answer == null) {
                    throw new IllegalStateException("an id that may be on disk was not looked up: nobody looked ahead");
                }
                if (answer != CheckpointStore.UNKNOWN_ID) {
                    return answer;
                }
            }
        }
        return IdTable.ABSENT;
    }

    /** Adds the id that {@link #find} has just not found. */
    void add(EventIdentity identity, long hour) {
        inMemory.add(identity.high(), identity.low(), identity.content(), hour);
    }

    /** Whether ids of this hour lie in sealed blocks alone, where only the store finds them. */
    boolean areSealedOnly(long hour) {
        return hour <= sealedOnlyThrough && (hour < pinnedFrom || hour > pinnedThrough);
    }

    /** Ids of these hours, all of which will be added here, are to be found in memory for ever. */
    void keep(long from, long through) {
        pinnedFrom = from;
        pinnedThrough = through;
    }

    /** Drops what memory holds of hours up to this one, which lie in sealed blocks. */
    void dropThrough(long hour) {
        if (hour > sealedOnlyThrough) {
            inMemory.forgetThrough(hour, pinnedFrom, pinnedThrough);
            onDisk.removeIf(run -> run.hour.number() <= hour);
            sealedOnlyThrough = hour;
        }
    }

    long inMemory() {
        return inMemory.size();
    }

    long onDisk() {
        return onDisk.stream().mapToLong(Run::ids).sum();
    }

    /** Bytes of the arrays that hold the ids and the filters. */
    long bytes() {
        return inMemory.bytes()
                + onDisk.stream().mapToLong(run -> run.filter.bytes()).sum();
    }
}
