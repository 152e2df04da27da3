package io.hourledger.aggregator.closing;

import static java.util.stream.Collectors.toCollection;

import io.hourledger.aggregator.closing.BatchEntry.Entered;
import io.hourledger.aggregator.closing.ClosingStore.Fate;
import io.hourledger.aggregator.closing.ClosingStore.State;
import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Decision;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes hours: reads kept buckets only, sends the ledger one command for each, and notes how far it came. A crash anywhere repeats some
 * commands, and the ledger does none of them twice. The hours of one instance reach the ledger in order. With an hour close the later revisions of
 * earlier hours that end with its cutoff, before the hour itself.
 *
 * <p>An instance that fails whenever it is entered, also alone, is blocked by name: the hour closes without it, its own later hours queue
 * behind, and {@link #enterBlocked} tries again. A lost race or an outage blocks nobody. An instance whose hour has amendments is set aside in
 * the same way, so that counting it again from the log holds up no other.
 */
public final class CloseHourWhenOver {

    private static final Logger log = LoggerFactory.getLogger(CloseHourWhenOver.class);

    private static final int MOST_NAMED = 10;

    private final ClosingStore store;
    private final CutoffJournal journal;
    private final HourLedger ledger;
    private final Supplier<CatalogueVersions> versions;
    private final AmendedBuckets amended;
    private final OtherMeters otherMeters;
    private final Clock clock;
    private final int batch;

    /**
     * @param journal told of all cutoffs up to an hour's own before that hour is entered
     * @param versions by which the hours were counted; each hour is closed by the one that rules it
     * @param amendedHours asked which hours have amendments, and later for their amounts
     */
    public CloseHourWhenOver(
            ClosingStore store,
            CutoffJournal journal,
            HourLedger ledger,
            Supplier<CatalogueVersions> versions,
            AmendedHours amendedHours,
            Clock clock,
            int batch) {
        this.store = store;
        this.journal = journal;
        this.ledger = ledger;
        this.otherMeters = new OtherMeters(ledger, versions);
        this.versions = versions;
        this.amended = new AmendedBuckets(ledger, otherMeters, amendedHours);
        this.clock = clock;
        this.batch = batch;
    }

    /** Closes every hour of the partition that is over, the oldest first. */
    public void closeHoursOf(int partition) {
        Optional<ClosableHour> over = store.nextToClose(partition);
        while (over.isPresent()) {
            close(over.get());
            over = store.nextToClose(partition);
        }
    }

    private void close(ClosableHour hour) {
        journal.keep(hour.partition(), store.cutoffsThrough(hour));
        long entered = 0;
        Map<State, Long> others = new EnumMap<>(State.class);
        List<Bucket> buckets = store.nextBuckets(hour, batch);
        while (!buckets.isEmpty()) {
            List<Bucket> oneHour = ofFirstHour(buckets);
            List<Fate> fates = enter(hour, oneHour);
            fates.forEach(fate -> others.merge(fate.state(), 1L, Long::sum));
            entered += oneHour.size() - fates.size();
            buckets = store.nextBuckets(hour, batch);
        }
        store.closed(hour, clock.instant());
        log.atInfo()
                .addKeyValue("partition", hour.partition())
                .addKeyValue("hour", hour.hour())
                .addKeyValue("entered", entered)
                .addKeyValue("unmatched", others.getOrDefault(State.UNMATCHED, 0L))
                .addKeyValue("refused", others.getOrDefault(State.REFUSED, 0L))
                .addKeyValue("blocked", others.getOrDefault(State.BLOCKED, 0L))
                .addKeyValue("dropped", others.getOrDefault(State.DROPPED, 0L))
                .log("hour closed");
    }

    /**
     * An instance that becomes known between two of its hours must not have the later one entered alone, so a batch holds one hour. All of it is of one
     * revision: those of one hour end with different cutoffs.
     */
    private static List<Bucket> ofFirstHour(List<Bucket> buckets) {
        UsageHour first = buckets.get(0).hour();
        return buckets.stream().takeWhile(bucket -> bucket.hour().equals(first)).toList();
    }

    /** Those that the ledger does not have now, and why. */
    private List<Fate> enter(ClosableHour hour, List<Bucket> buckets) {
        List<Fate> fates = new ArrayList<>();
        Map<String, State> before = store.waitingAmong(hour.partition(), instancesOf(buckets));
        List<WaitingBucket> ready = new ArrayList<>();
        for (Bucket bucket : buckets) {
            State ofEarlier = before.get(bucket.instance());
            if (ofEarlier == null) {
                ready.add(new WaitingBucket(bucket, hour.recordedAt()));
            } else {
                fates.add(behind(bucket, ofEarlier));
            }
        }
        fates.addAll(fatesOf(hour.partition(), ready));
        store.entered(hour, buckets, fates, clock.instant());
        return fates;
    }

    static Fate behind(Bucket bucket, State ofEarlier) {
        return new Fate(
                bucket,
                ofEarlier,
                ofEarlier == State.BLOCKED
                        ? "an earlier hour of this instance is blocked"
                        : "an earlier hour of this subject is unmatched");
    }

    /** Enters buckets in the ledger. Those that it took, now or before, have no fate of their own. */
    private List<Fate> fatesOf(int partition, List<WaitingBucket> ready) {
        Map<Bucket, Fate> dropped = new LinkedHashMap<>();
        List<Fate> fates = new ArrayList<>();
        List<WaitingBucket> ordinary = amended.setAside(partition, ready, fates);
        Map<Bucket, Entered> entered = enterCounting(partition, ordinary, Map.of(), dropped);
        fates.addAll(dropped.values());
        List<Fate> blocked = new ArrayList<>();
        Throwable firstFailure = null;
        for (Map.Entry<Bucket, Entered> one : entered.entrySet()) {
            Bucket bucket = one.getKey();
            switch (one.getValue()) {
                case Entered.Failed failed -> {
                    blocked.add(new Fate(bucket, State.BLOCKED, failed.reason()));
                    firstFailure = firstFailure == null ? failed.failure() : firstFailure;
                }
                case Entered.NotTried _ -> fates.add(behind(bucket, State.BLOCKED));
                case Entered.Decided(Decision decision) ->
                    fateOf(bucket, decision).ifPresent(fates::add);
            }
        }
        if (firstFailure != null) {
            say(partition, blocked, firstFailure);
            fates.addAll(blocked);
        }
        return fates;
    }

    /**
     * Enters what the meter of its instance counts. An instance may be opened between the question for its meter and the entry; so those that are
     * refused are asked about again.
     *
     * @param amounts what amended buckets come to
     * @param dropped takes what other meters counted
     */
    private Map<Bucket, Entered> enterCounting(
            int partition, List<WaitingBucket> all, Map<Bucket, BigDecimal> amounts, Map<Bucket, Fate> dropped) {
        dropped.putAll(otherMeters.droppedAmong(all));
        List<WaitingBucket> ready =
                all.stream().filter(row -> !dropped.containsKey(row.bucket())).toList();
        List<Entered> answers =
                new BatchEntry(ledger, new BucketCommands(store, versions, amounts, clock)).enter(partition, ready);
        Map<Bucket, Entered> entered = new LinkedHashMap<>();
        List<WaitingBucket> refused = new ArrayList<>();
        for (int i = 0; i < ready.size(); i++) {
            entered.put(ready.get(i).bucket(), answers.get(i));
            if (answers.get(i) instanceof Entered.Decided(Decision.Refused _)) {
                refused.add(ready.get(i));
            }
        }
        dropped.putAll(otherMeters.droppedAmong(refused));
        entered.keySet().removeAll(dropped.keySet());
        return entered;
    }

    /** Empty if the ledger has the hour, now or from before. */
    private static Optional<Fate> fateOf(Bucket bucket, Decision decision) {
        return switch (decision) {
            case Decision.UnknownInstance _ -> Optional.of(unmatched(bucket));
            case Decision.Refused refused -> Optional.of(refused(bucket, refused));
            case Decision.Done _, Decision.AlreadyDone _ -> Optional.empty();
        };
    }

    private static void say(int partition, List<Fate> blocked, Throwable firstFailure) {
        log.atError()
                .addKeyValue("partition", partition)
                .addKeyValue("hour", blocked.get(0).bucket().hour())
                .addKeyValue("count", blocked.size())
                .addKeyValue(
                        "instances",
                        blocked.stream()
                                .limit(MOST_NAMED)
                                .map(fate -> fate.bucket().instance())
                                .toList())
                .setCause(firstFailure)
                .log("instances cannot go on and are blocked, all others go on; they are tried again by themselves");
    }

    /** Enters one batch of the unmatched usage of instances that were opened since. */
    public void enterOpened(int partition) {
        Set<String> opened = store.opened(partition, batch);
        if (!opened.isEmpty() && isAllEnteredOf(partition, opened)) {
            store.forgetOpened(partition, opened);
        }
    }

    /**
     * Looks at one batch of the subjects with unmatched usage, and enters one batch of that of those which an instance has by now. So what it
     * costs does not grow with how much there is.
     *
     * @param afterSubject where to go on; empty to begin
     */
    public Round enterUnmatched(int partition, String afterSubject) {
        List<String> subjects = store.unmatched(partition, afterSubject, batch);
        if (!isAllEnteredOf(partition, subjects)) {
            return new Round.GoesOn(afterSubject);
        }
        return subjects.size() < batch ? new Round.Over() : new Round.GoesOn(subjects.getLast());
    }

    /** How far a look at all subjects with unmatched usage has come. */
    public sealed interface Round {

        /** Where it goes on next. */
        record GoesOn(String afterSubject) implements Round {}

        /** All were looked at. */
        record Over() implements Round {}
    }

    /**
     * Enters one batch.
     *
     * @return false if more of it can be entered
     */
    private boolean isAllEnteredOf(int partition, Collection<String> subjects) {
        Set<String> known = subjects.isEmpty() ? Set.of() : ledger.known(subjects);
        if (known.isEmpty()) {
            return true;
        }
        List<WaitingBucket> unmatched = store.unmatchedOf(partition, known, batch);
        return unmatched.isEmpty() || enterKnown(partition, unmatched) == 0 || unmatched.size() < batch;
    }

    /**
     * Tries the blocked instances again, each from its first hour that was not entered. What fails again stays as it is; what goes on is
     * entered in order, and once.
     */
    public void enterBlocked(int partition) {
        String after = "";
        List<WaitingBucket> blocked = store.blocked(partition, after, batch);
        while (!blocked.isEmpty()) {
            after = blocked.get(blocked.size() - 1).bucket().instance();
            enterAgain(partition, blocked);
            blocked = store.blocked(partition, after, batch);
        }
    }

    private void enterAgain(int partition, List<WaitingBucket> blocked) {
        List<Fate> fates = new ArrayList<>();
        Map<Bucket, BigDecimal> amounts = new HashMap<>();
        List<WaitingBucket> ready = amended.countable(partition, blocked, amounts, fates);
        Map<Bucket, Fate> dropped = new LinkedHashMap<>();
        Map<Bucket, Entered> entered = enterCounting(partition, ready, amounts, dropped);
        fates.addAll(dropped.values());
        for (Map.Entry<Bucket, Entered> one : entered.entrySet()) {
            Bucket bucket = one.getKey();
            switch (one.getValue()) {
                case Entered.Decided(Decision decision) ->
                    fates.add(fateOf(bucket, decision)
                            .orElseGet(() -> new Fate(bucket, State.METERED, "its instance was blocked for a time")));
                case Entered.Failed _, Entered.NotTried _ -> {
                    // it stays blocked
                }
            }
        }
        if (!fates.isEmpty()) {
            store.waitedFor(partition, fates, clock.instant());
            amended.decided(partition, fates);
            log.atInfo()
                    .addKeyValue("partition", partition)
                    .addKeyValue(
                            "buckets",
                            fates.stream()
                                    .filter(fate -> fate.state() != State.BLOCKED)
                                    .count())
                    .log("usage of instances that were blocked was entered");
        }
    }

    static Fate unmatched(Bucket bucket) {
        return new Fate(bucket, State.UNMATCHED, "no instance has this subject yet");
    }

    /** How many of them are no longer unmatched. */
    private int enterKnown(int partition, List<WaitingBucket> unmatched) {
        Map<String, State> states = store.waitingAmong(
                partition,
                instancesOf(unmatched.stream().map(WaitingBucket::bucket).toList()));
        List<Fate> fates = new ArrayList<>();
        List<WaitingBucket> first = new ArrayList<>();
        for (WaitingBucket row : unmatched) {
            if (states.get(row.bucket().instance()) == State.BLOCKED) {
                fates.add(behind(row.bucket(), State.BLOCKED));
            } else {
                first.add(row);
            }
        }
        List<Fate> others = fatesOf(partition, first);
        Set<Bucket> withFate = new HashSet<>();
        others.forEach(fate -> withFate.add(fate.bucket()));
        first.stream()
                .map(WaitingBucket::bucket)
                .filter(bucket -> !withFate.contains(bucket))
                .forEach(bucket -> fates.add(new Fate(bucket, State.METERED, "its instance came later")));
        others.stream().filter(fate -> fate.state() != State.UNMATCHED).forEach(fates::add);
        if (!fates.isEmpty()) {
            store.waitedFor(partition, fates, clock.instant());
            log.atInfo()
                    .addKeyValue("partition", partition)
                    .addKeyValue("buckets", fates.size())
                    .log("usage entered that had been unmatched");
        }
        return fates.size();
    }

    private static Fate refused(Bucket bucket, Decision.Refused refused) {
        log.atWarn()
                .addKeyValue("instance", bucket.instance())
                .addKeyValue("hour", bucket.hour())
                .addKeyValue("rule", refused.rule())
                .log("the ledger refused an hour of usage: " + refused.detail());
        return new Fate(bucket, State.REFUSED, refused.rule() + ": " + refused.detail());
    }

    static Set<String> instancesOf(List<Bucket> buckets) {
        return buckets.stream().map(Bucket::instance).collect(toCollection(LinkedHashSet::new));
    }

    /** Sorts the ids of closed hours into blocks. */
    public void sealHoursOf(int partition) {
        while (store.sealNext(partition, clock.instant()).isPresent()) {
            log.atDebug().addKeyValue("partition", partition).log("hour sealed");
        }
    }
}
