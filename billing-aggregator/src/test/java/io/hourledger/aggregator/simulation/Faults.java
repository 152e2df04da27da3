package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.closing.ClosingStore;
import io.hourledger.aggregator.closing.HourLedger;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.Decision;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/** Lets any call to store or ledger fail before or after it has happened: as a crash of the process, or as an answer that never came. */
final class Faults {

    private final Random random;
    private boolean healed;

    Faults(Random random) {
        this.random = random;
    }

    /** From here on nothing fails. */
    void heal() {
        healed = true;
    }

    private <T> T around(String what, Supplier<T> call) {
        mayFail("before " + what);
        T result = call.get();
        mayFail("after " + what);
        return result;
    }

    private void mayFail(String where) {
        if (healed) {
            return;
        }
        int dice = random.nextInt(60);
        if (dice == 0) {
            throw new SimulatedCrash(where);
        }
        if (dice == 1) {
            throw new StoreUnavailableException("no answer " + where);
        }
    }

    CheckpointStore around(CheckpointStore store) {
        return new CheckpointStore() {
            @Override
            public void load(int partition, int hoursInMemory, long roomForIds, Loading into) {
                around("load", () -> {
                    store.load(partition, hoursInMemory, roomForIds, into);
                    return partition;
                });
            }

            @Override
            public Instant now() {
                return around("now", store::now);
            }

            @Override
            public Outcome keep(Checkpoint checkpoint, Instant notBefore) {
                return around("keep", () -> store.keep(checkpoint, notBefore));
            }

            @Override
            public long[] findSealed(int partition, List<WantedId> wanted) {
                return around("find", () -> store.findSealed(partition, wanted));
            }

            @Override
            public long[] findOnDisk(int partition, List<OnDiskId> wanted) {
                return around("find on disk", () -> store.findOnDisk(partition, wanted));
            }
        };
    }

    ClosingStore around(ClosingStore store) {
        return new ClosingStore() {
            @Override
            public Optional<ClosableHour> nextToClose(int partition) {
                return around("next to close", () -> store.nextToClose(partition));
            }

            @Override
            public List<Cutoff> cutoffsThrough(ClosableHour hour) {
                return around("cutoffs through", () -> store.cutoffsThrough(hour));
            }

            @Override
            public List<Bucket> nextBuckets(ClosableHour hour, int limit) {
                return around("next buckets", () -> store.nextBuckets(hour, limit));
            }

            @Override
            public Map<Bucket, List<Bucket>> earlierRevisions(int partition, Collection<Bucket> buckets) {
                return around("earlier revisions", () -> store.earlierRevisions(partition, buckets));
            }

            @Override
            public void entered(ClosableHour hour, List<Bucket> buckets, List<Fate> fates, Instant at) {
                around("entered", () -> {
                    store.entered(hour, buckets, fates, at);
                    return hour;
                });
            }

            @Override
            public void closed(ClosableHour hour, Instant at) {
                around("closed", () -> {
                    store.closed(hour, at);
                    return hour;
                });
            }

            @Override
            public List<String> unmatched(int partition, String afterSubject, int limit) {
                return around("unmatched", () -> store.unmatched(partition, afterSubject, limit));
            }

            @Override
            public Set<String> opened(int partition, int limit) {
                return around("opened", () -> store.opened(partition, limit));
            }

            @Override
            public void forgetOpened(int partition, Collection<String> instances) {
                around("forget opened", () -> {
                    store.forgetOpened(partition, instances);
                    return instances;
                });
            }

            @Override
            public List<WaitingBucket> unmatchedOf(int partition, Collection<String> instances, int limit) {
                return around("unmatched of", () -> store.unmatchedOf(partition, instances, limit));
            }

            @Override
            public List<WaitingBucket> blocked(int partition, String afterInstance, int limit) {
                return around("blocked", () -> store.blocked(partition, afterInstance, limit));
            }

            @Override
            public Map<String, State> waitingAmong(int partition, Collection<String> instances) {
                return around("waiting among", () -> store.waitingAmong(partition, instances));
            }

            @Override
            public void waitedFor(int partition, List<Fate> fates, Instant at) {
                around("waited for", () -> {
                    store.waitedFor(partition, fates, at);
                    return fates;
                });
            }

            @Override
            public Blocked blocked(int partition) {
                return store.blocked(partition);
            }

            @Override
            public Optional<ClosableHour> sealNext(int partition, Instant at) {
                return around("seal", () -> store.sealNext(partition, at));
            }

            @Override
            public OptionalLong sealedThrough(int partition) {
                return store.sealedThrough(partition);
            }

            @Override
            public OptionalLong closedThrough(int partition) {
                return store.closedThrough(partition);
            }
        };
    }

    HourLedger around(HourLedger ledger) {
        return new HourLedger() {
            @Override
            public List<Decision> enter(List<MeterHour> hours) {
                if (!healed && random.nextInt(60) == 0) {
                    throw new LedgerUnavailableException("nothing was entered", new IllegalStateException());
                }
                return around("enter", () -> ledger.enter(hours));
            }

            @Override
            public Map<String, String> meters(Collection<String> instances) {
                return ledger.meters(instances);
            }

            @Override
            public Set<String> known(Collection<String> instances) {
                return ledger.known(instances);
            }
        };
    }
}
