package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.closing.AmendedHours.Outcome;
import io.hourledger.aggregator.closing.ClosingStore.Fate;
import io.hourledger.aggregator.closing.ClosingStore.State;
import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import io.hourledger.aggregator.hour.Bucket;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Keeps the buckets of amended hours apart from all others: these are never held up by a reading of the log. */
final class AmendedBuckets {

    private final HourLedger ledger;
    private final OtherMeters otherMeters;
    private final AmendedHours hours;

    AmendedBuckets(HourLedger ledger, OtherMeters otherMeters, AmendedHours hours) {
        this.ledger = ledger;
        this.otherMeters = otherMeters;
        this.hours = hours;
    }

    /**
     * Sets aside what is amended, and what lies behind it of the same instance.
     *
     * @return all others
     */
    List<WaitingBucket> setAside(int partition, List<WaitingBucket> ready, List<Fate> fates) {
        Set<Bucket> amended =
                hours.among(partition, ready.stream().map(WaitingBucket::bucket).toList());
        if (amended.isEmpty()) {
            return ready;
        }
        Set<String> instances = new HashSet<>();
        List<WaitingBucket> others = new ArrayList<>();
        for (WaitingBucket row : ready) {
            Bucket bucket = row.bucket();
            if (instances.contains(bucket.instance())) {
                fates.add(CloseHourWhenOver.behind(bucket, State.BLOCKED));
            } else if (amended.contains(bucket)) {
                instances.add(bucket.instance());
                fates.add(new Fate(bucket, State.BLOCKED, "its hour has amendments and is counted again from the log"));
            } else {
                others.add(row);
            }
        }
        return others;
    }

    /** Tells which of these wait no longer. */
    void decided(int partition, List<Fate> fates) {
        hours.decided(
                partition,
                fates.stream()
                        .filter(fate -> fate.state() != State.BLOCKED && fate.state() != State.UNMATCHED)
                        .map(Fate::bucket)
                        .toList());
    }

    /**
     * Those of blocked buckets that can be entered.
     *
     * @param amounts takes what amended ones come to
     * @param fates takes what became of the others
     */
    List<WaitingBucket> countable(
            int partition, List<WaitingBucket> blocked, Map<Bucket, BigDecimal> amounts, List<Fate> fates) {
        Set<String> known = ledger.known(CloseHourWhenOver.instancesOf(
                blocked.stream().map(WaitingBucket::bucket).toList()));
        Set<Bucket> ofOtherMeters = otherMeters.droppedAmong(blocked).keySet();
        Map<Bucket, Outcome> outcomes = hours.outcomes(
                partition,
                blocked.stream()
                        .map(WaitingBucket::bucket)
                        .filter(bucket -> known.contains(bucket.instance()) && !ofOtherMeters.contains(bucket))
                        .toList());
        Set<String> held = new HashSet<>();
        List<WaitingBucket> ready = new ArrayList<>();
        for (WaitingBucket row : blocked) {
            Bucket bucket = row.bucket();
            if (!known.contains(bucket.instance())) {
                fates.add(CloseHourWhenOver.unmatched(bucket));
            } else if (!held.contains(bucket.instance())) {
                switch (outcomes.get(bucket)) {
                    case Outcome.Amount(BigDecimal amount) -> {
                        amounts.put(bucket, amount);
                        ready.add(row);
                    }
                    case Outcome.Held(String why) -> {
                        held.add(bucket.instance());
                        fates.add(new Fate(bucket, State.BLOCKED, why));
                    }
                    case Outcome.Refused(String why) -> fates.add(new Fate(bucket, State.REFUSED, why));
                    case null -> ready.add(row);
                }
            }
        }
        return ready;
    }
}
