package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.closing.ClosingStore;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.NewIds;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The stores as the real ones mean to be, in memory. Each call is a transaction. */
public final class MemoryStores implements Stores, CheckpointStore, ClosingStore {

    /** The number of the run that is a sealed hour. */
    private static final long SEALED = -1;

    private record Key(UsageHour hour, int revision, String instance, String meter) implements Comparable<Key> {
        static Key of(Bucket bucket) {
            return new Key(bucket.hour(), bucket.revision(), bucket.instance(), bucket.meter());
        }

        UsageHour endsWith() {
            return UsageHour.ofNumber(hour.number() + revision);
        }

        @Override
        public int compareTo(Key other) {
            return Comparator.comparing(Key::hour)
                    .thenComparing(Key::revision)
                    .thenComparing(Key::instance)
                    .thenComparing(Key::meter)
                    .compare(this, other);
        }
    }

    private static final class Hour {
        final Cutoff cutoff;
        Key entered;
        boolean closed;
        boolean sealed;

        Hour(Cutoff cutoff) {
            this.cutoff = cutoff;
        }
    }

    private static final class Partition {
        long checkpoint;
        long nextOffset;
        Tallies tallies = Tallies.NONE;
        final TreeMap<Key, Bucket> buckets = new TreeMap<>();
        final Map<Key, State> states = new HashMap<>();
        final TreeMap<UsageHour, Hour> hours = new TreeMap<>();
        final TreeMap<UsageHour, List<byte[]>> countedIds = new TreeMap<>();
        final TreeMap<UsageHour, Map<WantedId, Integer>> sealedIds = new TreeMap<>();
        final TreeMap<UsageHour, List<Map<WantedId, Integer>>> spilledIds = new TreeMap<>();
        final TreeMap<Long, QuarantinedRecord> quarantined = new TreeMap<>();

        long counted() {
            return countedIds.values().stream()
                    .flatMap(List::stream)
                    .mapToLong(bytes -> bytes.length / 16)
                    .sum();
        }

        long spilled() {
            return spilledIds.values().stream()
                    .flatMap(List::stream)
                    .mapToLong(Map::size)
                    .sum();
        }

        UsageHour lateThrough() {
            UsageHour last = UsageHour.ofNumber(0);
            for (Hour hour : hours.values()) {
                if (hour.cutoff.offset() <= nextOffset) {
                    last = hour.cutoff.hour();
                }
            }
            return last;
        }
    }

    private final TestClock clock = new TestClock(Instant.EPOCH);
    private final List<Partition> partitions = new ArrayList<>();

    public MemoryStores(int count) {
        for (int i = 0; i < count; i++) {
            partitions.add(new Partition());
        }
    }

    @Override
    public TestClock clock() {
        return clock;
    }

    @Override
    public CheckpointStore checkpoints() {
        return this;
    }

    @Override
    public ClosingStore closing() {
        return this;
    }

    @Override
    public StoredState stored(int number) {
        Partition partition = partitions.get(number);
        long ids = partition.counted()
                + partition.spilled()
                + partition.sealedIds.values().stream().mapToLong(Map::size).sum();
        return new StoredState(
                partition.nextOffset,
                partition.tallies,
                List.copyOf(partition.buckets.values()),
                List.copyOf(partition.quarantined.values()),
                partition.hours.values().stream().map(hour -> hour.cutoff).toList(),
                ids);
    }

    @Override
    public Progress progress(int number) {
        Partition partition = partitions.get(number);
        return new Progress(
                partition.nextOffset,
                partition.hours.values().stream().map(hour -> hour.cutoff).toList());
    }

    @Override
    public long waiting(int partition, State state) {
        return partitions.get(partition).states.values().stream()
                .filter(state::equals)
                .count();
    }

    @Override
    public void load(int number, int hoursInMemory, long roomForIds, Loading into) {
        Partition partition = partitions.get(number);
        if (partition.counted() > roomForIds - partition.spilled() / 16) {
            partition.countedIds.forEach((hour, rows) -> {
                Map<WantedId, Integer> run = new HashMap<>();
                addTo(run, hour, rows);
                partition
                        .spilledIds
                        .computeIfAbsent(hour, any -> new ArrayList<>())
                        .add(run);
            });
            partition.countedIds.clear();
        }
        into.position(
                partition.checkpoint,
                partition.nextOffset,
                partition.tallies,
                sealedThrough(number).orElse(Long.MIN_VALUE),
                0);
        partition.hours.values().forEach(hour -> into.cutoff(hour.cutoff));
        UsageHour lateThrough = partition.lateThrough();
        partition.buckets.forEach((key, bucket) -> {
            if (into.uniqueCounts().contains(key.meter()) && key.endsWith().compareTo(lateThrough) > 0) {
                into.uniqueValues(key.hour(), key.revision(), key.instance(), key.meter(), bucket.rawTotal());
            }
        });
        UsageHour sealedOnly = UsageHour.ofNumber(
                Math.max(0, Math.min(sealedThrough(number).orElse(0), lateThrough.number() - hoursInMemory)));
        partition
                .countedIds
                .tailMap(sealedOnly, false)
                .forEach((hour, rows) -> rows.forEach(row -> into.ids(hour, row)));
        IdFilter filter = filter(partition);
        partition.spilledIds.tailMap(sealedOnly, false).forEach((hour, runs) -> {
            for (int run = 0; run < runs.size(); run++) {
                into.onDisk(hour, run, runs.get(run).size(), filter);
            }
        });
        Map<UsageHour, Map<WantedId, Integer>> sealed = partition.sealedIds.tailMap(
                UsageHour.ofNumber(Math.max(0, lateThrough.number() - hoursInMemory)), false);
        long sealedIds = sealed.values().stream().mapToLong(Map::size).sum();
        boolean fits = partition.counted() + sealedIds <= roomForIds - partition.spilled() / 16;
        sealed.forEach((hour, ids) -> {
            if (fits) {
                into.ids(hour, bytes(ids));
            } else {
                into.onDisk(hour, SEALED, ids.size(), filter);
            }
        });
    }

    private static byte[] bytes(Map<WantedId, Integer> ids) {
        IdBuffer buffer = new IdBuffer(ids.size());
        ids.forEach((id, content) -> buffer.add(id.high(), id.low(), content));
        return buffer.toBytes();
    }

    /** One that takes the ids of all hours for those of each, as a filter may. */
    private static IdFilter filter(Partition partition) {
        IdFilter filter = new IdFilter(1_000);
        partition.sealedIds.values().forEach(others -> filter.addAll(bytes(others)));
        partition.spilledIds.values().forEach(runs -> runs.forEach(others -> filter.addAll(bytes(others))));
        return filter;
    }

    private static void addTo(Map<WantedId, Integer> ids, UsageHour of, List<byte[]> rows) {
        for (byte[] row : rows) {
            for (int position = 0; position < row.length; position += 16) {
                WantedId id = new WantedId(of, IdBuffer.highAt(row, position), IdBuffer.lowAt(row, position));
                if (ids.put(id, IdBuffer.contentAt(row, position)) != null) {
                    throw new AssertionError("an id was counted twice in hour " + of);
                }
            }
        }
    }

    @Override
    public long[] findOnDisk(int number, List<OnDiskId> wanted) {
        Partition partition = partitions.get(number);
        return wanted.stream()
                .mapToLong(asked -> {
                    WantedId id = new WantedId(asked.hour(), asked.high(), asked.low());
                    List<Map<WantedId, Integer>> runs = partition.spilledIds.getOrDefault(id.hour(), List.of());
                    Integer content = asked.run() == SEALED || asked.run() >= runs.size()
                            ? null
                            : runs.get((int) asked.run()).get(id);
                    if (content == null) {
                        content = partition
                                .sealedIds
                                .getOrDefault(id.hour(), Map.of())
                                .get(id);
                    }
                    return content == null ? UNKNOWN_ID : Integer.toUnsignedLong(content);
                })
                .toArray();
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public Outcome keep(Checkpoint checkpoint, Instant notBefore) {
        if (now().isBefore(notBefore)) {
            return Outcome.TOO_EARLY;
        }
        Partition partition = partitions.get(checkpoint.partition());
        if (partition.checkpoint != checkpoint.number() - 1
                || partition.nextOffset != checkpoint.expectedNextOffset()) {
            return Outcome.SOMEBODY_WENT_ON;
        }
        partition.checkpoint = checkpoint.number();
        partition.nextOffset = checkpoint.nextOffset();
        partition.tallies = checkpoint.tallies();
        for (BucketIncrement increment : checkpoint.increments()) {
            partition.buckets.merge(
                    Key.of(increment.bucket()), increment.bucket(), (stored, more) -> increment.addedTo(stored));
        }
        for (NewIds ids : checkpoint.newIds()) {
            partition
                    .countedIds
                    .computeIfAbsent(ids.hour(), hour -> new ArrayList<>())
                    .add(ids.ids());
        }
        for (QuarantinedRecord event : checkpoint.quarantined()) {
            if (partition.quarantined.put(event.offset(), event) != null) {
                throw new AssertionError("offset " + event.offset() + " was set aside twice");
            }
        }
        for (Cutoff cutoff : checkpoint.cutoffs()) {
            if (partition.hours.put(cutoff.hour(), new Hour(cutoff)) != null) {
                throw new AssertionError("hour " + cutoff.hour() + " was ended twice");
            }
        }
        return Outcome.STORED;
    }

    @Override
    public long[] findSealed(int number, List<WantedId> wanted) {
        Partition partition = partitions.get(number);
        return wanted.stream()
                .mapToLong(id -> {
                    Map<WantedId, Integer> ids = new HashMap<>();
                    addTo(ids, id.hour(), partition.countedIds.getOrDefault(id.hour(), List.of()));
                    partition
                            .spilledIds
                            .getOrDefault(id.hour(), List.of())
                            .forEach(run -> addTo(ids, id.hour(), List.of(bytes(run))));
                    addTo(ids, id.hour(), List.of(bytes(partition.sealedIds.getOrDefault(id.hour(), Map.of()))));
                    Integer content = ids.get(id);
                    return content == null ? UNKNOWN_ID : Integer.toUnsignedLong(content);
                })
                .toArray();
    }

    private static ClosableHour over(int number, Hour hour) {
        return new ClosableHour(number, hour.cutoff.hour(), hour.cutoff.recordedAt(), hour.cutoff.offset());
    }

    @Override
    public Optional<ClosableHour> nextToClose(int number) {
        Partition partition = partitions.get(number);
        return partition.hours.values().stream()
                .filter(hour -> !hour.closed && hour.cutoff.offset() <= partition.nextOffset)
                .findFirst()
                .map(hour -> over(number, hour));
    }

    @Override
    public List<Cutoff> cutoffsThrough(ClosableHour over) {
        return partitions.get(over.partition()).hours.headMap(over.hour(), true).values().stream()
                .map(hour -> hour.cutoff)
                .toList();
    }

    @Override
    public List<Bucket> nextBuckets(ClosableHour over, int limit) {
        Partition partition = partitions.get(over.partition());
        Hour hour = toBeClosed(over);
        UsageHour before = partition.hours.lowerKey(over.hour());
        return partition.buckets.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith().compareTo(over.hour()) <= 0)
                .filter(entry -> before == null || entry.getKey().endsWith().compareTo(before) > 0)
                .filter(entry -> hour.entered == null || entry.getKey().compareTo(hour.entered) > 0)
                .limit(limit)
                .map(Map.Entry::getValue)
                .toList();
    }

    @Override
    public Map<Bucket, List<Bucket>> earlierRevisions(int number, Collection<Bucket> buckets) {
        Map<Bucket, List<Bucket>> earlier = new HashMap<>();
        for (Bucket bucket : buckets) {
            earlier.put(
                    bucket,
                    partitions.get(number).buckets.values().stream()
                            .filter(one -> one.hour().equals(bucket.hour()))
                            .filter(one -> one.instance().equals(bucket.instance()))
                            .filter(one -> one.meter().equals(bucket.meter()))
                            .filter(one -> one.revision() < bucket.revision())
                            .sorted(Comparator.comparingInt(Bucket::revision))
                            .toList());
        }
        return earlier;
    }

    private Hour toBeClosed(ClosableHour over) {
        Partition partition = partitions.get(over.partition());
        Hour hour = partition.hours.get(over.hour());
        if (hour.closed || hour.cutoff.offset() != over.cutoff() || over.cutoff() > partition.nextOffset) {
            throw new StoreUnavailableException("not to be closed: " + over);
        }
        return hour;
    }

    @Override
    public void entered(ClosableHour over, List<Bucket> buckets, List<Fate> fates, Instant at) {
        Partition partition = partitions.get(over.partition());
        Hour hour = toBeClosed(over);
        fates.forEach(fate -> partition.states.putIfAbsent(Key.of(fate.bucket()), fate.state()));
        hour.entered = Key.of(buckets.get(buckets.size() - 1));
    }

    @Override
    public void closed(ClosableHour over, Instant at) {
        if (!nextBuckets(over, 1).isEmpty()) {
            throw new StoreUnavailableException("not to be closed: " + over);
        }
        toBeClosed(over).closed = true;
    }

    @Override
    public List<String> unmatched(int number, String afterSubject, int limit) {
        return queued(number, Set.of(State.UNMATCHED), instance -> true, afterSubject, Integer.MAX_VALUE).stream()
                .map(row -> row.bucket().instance())
                .distinct()
                .limit(limit)
                .toList();
    }

    /** The ledger's feed is not simulated. */
    @Override
    public Set<String> opened(int number, int limit) {
        return Set.of();
    }

    @Override
    public void forgetOpened(int number, Collection<String> instances) {
        throw new IllegalStateException("none was told of");
    }

    @Override
    public List<WaitingBucket> unmatchedOf(int number, Collection<String> instances, int limit) {
        return queued(number, Set.of(State.UNMATCHED), instances::contains, "", limit);
    }

    @Override
    public List<WaitingBucket> blocked(int number, String afterInstance, int limit) {
        Set<String> blocked = partitions.get(number).states.entrySet().stream()
                .filter(entry -> entry.getValue() == State.BLOCKED)
                .map(entry -> entry.getKey().instance())
                .collect(Collectors.toSet());
        return queued(number, Set.of(State.UNMATCHED, State.BLOCKED), blocked::contains, afterInstance, limit);
    }

    private List<WaitingBucket> queued(
            int number, Set<State> states, Predicate<String> instances, String afterInstance, int limit) {
        Partition partition = partitions.get(number);
        return partition.states.entrySet().stream()
                .filter(entry -> states.contains(entry.getValue()))
                .map(Map.Entry::getKey)
                .filter(key -> instances.test(key.instance()))
                .filter(key -> key.instance().compareTo(afterInstance) > 0)
                .sorted(Comparator.comparing(Key::instance).thenComparing(Comparator.naturalOrder()))
                .limit(limit)
                .map(key -> new WaitingBucket(
                        partition.buckets.get(key),
                        partition
                                .hours
                                .ceilingEntry(key.endsWith())
                                .getValue()
                                .cutoff
                                .recordedAt()))
                .toList();
    }

    @Override
    public Map<String, State> waitingAmong(int number, Collection<String> instances) {
        Map<String, State> found = new HashMap<>();
        partitions.get(number).states.forEach((key, state) -> {
            if (instances.contains(key.instance())) {
                if (state == State.BLOCKED) {
                    found.put(key.instance(), state);
                } else if (state == State.UNMATCHED) {
                    found.putIfAbsent(key.instance(), state);
                }
            }
        });
        return found;
    }

    @Override
    public void waitedFor(int number, List<Fate> fates, Instant at) {
        Map<Key, State> states = partitions.get(number).states;
        fates.forEach(fate -> states.computeIfPresent(
                Key.of(fate.bucket()),
                (bucket, state) -> state == State.UNMATCHED || state == State.BLOCKED ? fate.state() : state));
    }

    @Override
    public Blocked blocked(int number) {
        long instances = partitions.get(number).states.entrySet().stream()
                .filter(entry -> entry.getValue() == State.BLOCKED)
                .map(entry -> entry.getKey().instance())
                .distinct()
                .count();
        return instances == 0 ? Blocked.NONE : new Blocked(instances, Instant.EPOCH);
    }

    @Override
    public Optional<ClosableHour> sealNext(int number, Instant at) {
        Partition partition = partitions.get(number);
        Optional<Hour> next = partition.hours.values().stream()
                .filter(hour -> hour.closed && !hour.sealed)
                .findFirst();
        next.ifPresent(hour -> {
            Map<UsageHour, List<byte[]>> rows = partition.countedIds.headMap(hour.cutoff.hour(), true);
            rows.forEach((of, ids) -> addTo(partition.sealedIds.computeIfAbsent(of, any -> new HashMap<>()), of, ids));
            rows.clear();
            Map<UsageHour, List<Map<WantedId, Integer>>> spilled =
                    partition.spilledIds.headMap(hour.cutoff.hour(), true);
            spilled.forEach((of, runs) -> runs.forEach(run ->
                    addTo(partition.sealedIds.computeIfAbsent(of, any -> new HashMap<>()), of, List.of(bytes(run)))));
            spilled.clear();
            hour.sealed = true;
        });
        return next.map(hour -> over(number, hour));
    }

    @Override
    public OptionalLong sealedThrough(int number) {
        return partitions.get(number).hours.values().stream()
                .filter(hour -> hour.sealed)
                .mapToLong(hour -> hour.cutoff.hour().number())
                .max();
    }

    @Override
    public OptionalLong closedThrough(int number) {
        return partitions.get(number).hours.values().stream()
                .filter(hour -> hour.closed)
                .mapToLong(hour -> hour.cutoff.hour().number())
                .max();
    }
}
