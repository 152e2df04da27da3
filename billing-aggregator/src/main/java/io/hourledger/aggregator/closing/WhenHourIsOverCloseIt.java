package io.hourledger.aggregator.closing;

import static java.util.stream.Collectors.toCollection;

import io.hourledger.aggregator.closing.ClosingStore.Fate;
import io.hourledger.aggregator.closing.ClosingStore.State;
import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.OutsideCutoffs;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.Decision;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes hours: reads kept buckets only, sends the ledger one command for each, and notes how far it came. A crash anywhere repeats some
 * commands, and the ledger does none of them twice. The hours of one instance reach the ledger in order.
 */
public final class WhenHourIsOverCloseIt {

    private static final Logger log = LoggerFactory.getLogger(WhenHourIsOverCloseIt.class);

    private static final int REVISION = 0;

    private final ClosingStore store;
    private final OutsideCutoffs outside;
    private final HourLedger ledger;
    private final Catalogue catalogue;
    private final Clock clock;
    private final int batch;

    /**
     * @param outside told of all cutoffs up to an hour's own before that hour is entered
     */
    public WhenHourIsOverCloseIt(
            ClosingStore store,
            OutsideCutoffs outside,
            HourLedger ledger,
            Catalogue catalogue,
            Clock clock,
            int batch) {
        this.store = store;
        this.outside = outside;
        this.ledger = ledger;
        this.catalogue = catalogue;
        this.clock = clock;
        this.batch = batch;
    }

    /** Closes every hour of the partition that is over, the oldest first. */
    public void closeHoursOf(int partition) {
        Optional<OverHour> over = store.nextToClose(partition);
        while (over.isPresent()) {
            close(over.get());
            over = store.nextToClose(partition);
        }
    }

    private void close(OverHour hour) {
        outside.keep(hour.partition(), store.cutoffsThrough(hour));
        long instances = 0;
        List<Bucket> buckets = store.nextBuckets(hour, batch);
        while (!buckets.isEmpty()) {
            List<Bucket> oneHour = ofFirstHour(buckets);
            enter(hour, oneHour);
            instances += oneHour.size();
            buckets = store.nextBuckets(hour, batch);
        }
        store.closed(hour, clock.instant());
        log.atInfo()
                .addKeyValue("partition", hour.partition())
                .addKeyValue("hour", hour.hour())
                .addKeyValue("instances", instances)
                .log("hour closed");
    }

    /** An instance that becomes known between two of its hours must not have the later one entered alone, so a batch holds one hour. */
    private static List<Bucket> ofFirstHour(List<Bucket> buckets) {
        UsageHour first = buckets.get(0).hour();
        return buckets.stream().takeWhile(bucket -> bucket.hour().equals(first)).toList();
    }

    private void enter(OverHour hour, List<Bucket> buckets) {
        List<Fate> fates = new ArrayList<>();
        Set<String> behind = store.waitingAmong(hour.partition(), instancesOf(buckets));
        List<Bucket> ready = new ArrayList<>();
        for (Bucket bucket : buckets) {
            if (behind.contains(bucket.instance())) {
                fates.add(new Fate(bucket, State.WAITING, "an earlier hour of this instance waits"));
            } else {
                ready.add(bucket);
            }
        }
        List<Decision> decisions = ledger.enter(ready.stream()
                .map(bucket -> command(hour.partition(), bucket, hour.recordedAt()))
                .toList());
        for (int i = 0; i < ready.size(); i++) {
            Bucket bucket = ready.get(i);
            if (decisions.get(i) instanceof Decision.UnknownInstance) {
                fates.add(new Fate(bucket, State.WAITING, "nobody knows this instance yet"));
            } else if (decisions.get(i) instanceof Decision.Refused refused) {
                fates.add(refused(bucket, refused));
            }
        }
        store.entered(hour, buckets, fates);
    }

    /** Enters the buckets of closed hours that waited for an instance which the ledger now knows. */
    public void enterWaitedFor(int partition) {
        String after = "";
        List<WaitingBucket> waiting = store.waiting(partition, after, batch);
        while (!waiting.isEmpty()) {
            after = waiting.get(waiting.size() - 1).bucket().instance();
            enterKnown(partition, waiting);
            waiting = store.waiting(partition, after, batch);
        }
    }

    private void enterKnown(int partition, List<WaitingBucket> waiting) {
        Set<String> known = ledger.known(
                instancesOf(waiting.stream().map(WaitingBucket::bucket).toList()));
        List<WaitingBucket> ready = waiting.stream()
                .filter(row -> known.contains(row.bucket().instance()))
                .toList();
        if (ready.isEmpty()) {
            return;
        }
        List<Decision> decisions = ledger.enter(ready.stream()
                .map(row -> command(partition, row.bucket(), row.recordedAt()))
                .toList());
        List<Fate> fates = new ArrayList<>();
        for (int i = 0; i < ready.size(); i++) {
            Bucket bucket = ready.get(i).bucket();
            if (decisions.get(i) instanceof Decision.Refused refused) {
                fates.add(refused(bucket, refused));
            } else if (!(decisions.get(i) instanceof Decision.UnknownInstance)) {
                fates.add(new Fate(bucket, State.METERED, "its instance came later"));
            }
        }
        store.waitedFor(partition, fates);
        log.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("buckets", fates.size())
                .log("usage entered that had waited for its instance");
    }

    private static Fate refused(Bucket bucket, Decision.Refused refused) {
        log.atWarn()
                .addKeyValue("instance", bucket.instance())
                .addKeyValue("hour", bucket.hour())
                .addKeyValue("rule", refused.rule())
                .log("the ledger refused an hour of usage: " + refused.detail());
        return new Fate(bucket, State.REFUSED, refused.rule() + ": " + refused.detail());
    }

    private static Set<String> instancesOf(List<Bucket> buckets) {
        return buckets.stream().map(Bucket::instance).collect(toCollection(LinkedHashSet::new));
    }

    private MeterHour command(int partition, Bucket bucket, Instant closedAt) {
        Meter meter = catalogue
                .meter(bucket.meter())
                .orElseThrow(() -> new IllegalStateException(
                        "the catalogue has no meter " + bucket.meter() + ", but hour " + bucket.hour()
                                + " was counted with it; a meter may leave only when its hours are closed"));
        return new MeterHour(
                new InstanceId(bucket.instance()),
                bucket.hour(),
                REVISION,
                bucket.meter(),
                meter.inUnits(bucket.rawTotal()),
                bucket.events(),
                bucket.firstEventAt(),
                bucket.lastEventAt(),
                partition,
                bucket.firstOffset(),
                bucket.lastOffset(),
                catalogue.version(),
                closedAt);
    }

    /** Sorts the ids of closed hours into blocks. */
    public void sealHoursOf(int partition) {
        while (store.sealNext(partition, clock.instant()).isPresent()) {
            log.atDebug().addKeyValue("partition", partition).log("hour sealed");
        }
    }
}
