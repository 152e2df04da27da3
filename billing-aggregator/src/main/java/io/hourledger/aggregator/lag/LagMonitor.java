package io.hourledger.aggregator.lag;

import io.hourledger.aggregator.lag.LagRules.Seen;
import io.hourledger.aggregator.lag.Movement.Rates;
import io.hourledger.aggregator.lag.StoredPosition.StoredHalt;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks from time to time how far the stored positions lie behind the log, and keeps what it saw last. It asks PostgreSQL and Kafka alone, and
 * nobody who reads: so it is true whatever they do. What does not answer makes the verdict unknown; the lag then grows from the last known
 * position.
 *
 * <p>One thread looks; any may ask.
 */
public final class LagMonitor implements AutoCloseable {

    /** After so long without a look that has ended, nothing is known any more. */
    static final Duration LOOK_AT_LEAST_EVERY = Duration.ofSeconds(30);

    private final StoredPositions positions;
    private final UsageLogEnds log;
    private final Clock clock;
    private final LagRules rules;
    private final IntFunction<String> notes;
    private final LongSupplier nanoTime;

    // touched by the thread that looks only
    private final Map<Integer, Movement> movements = new HashMap<>();
    private final Map<Integer, StoredPosition> lastStored = new HashMap<>();
    private final Map<Integer, Long> lastEnds = new HashMap<>();

    private volatile @Nullable Look last;
    private final long madeAtNanos;

    private record Look(LagReport report, long atNanos) {}

    /**
     * @param clock business time
     * @param grace how long after its end an hour waits for events on their way
     * @param notes what this process says of a partition, such as that it is being loaded; empty if it says nothing
     */
    public LagMonitor(
            StoredPositions positions, UsageLogEnds log, Clock clock, Duration grace, IntFunction<String> notes) {
        this(positions, log, clock, grace, notes, System::nanoTime);
    }

    LagMonitor(
            StoredPositions positions,
            UsageLogEnds log,
            Clock clock,
            Duration grace,
            IntFunction<String> notes,
            LongSupplier nanoTime) {
        this.positions = positions;
        this.log = log;
        this.clock = clock;
        this.rules = new LagRules(grace);
        this.notes = notes;
        this.nanoTime = nanoTime;
        this.madeAtNanos = nanoTime.getAsLong();
    }

    /** Looks once. */
    public LagReport look() {
        Answer<List<StoredPosition>> stored = ask("PostgreSQL", positions::all);
        Answer<Map<Integer, Long>> ends = ask("Kafka", log::ends);
        Instant now = clock.instant();
        if (stored instanceof Told(List<StoredPosition> all)) {
            lastStored.clear();
            all.forEach(one -> lastStored.put(one.partition(), one));
        }
        if (ends instanceof Told(Map<Integer, Long> all)) {
            lastEnds.clear();
            lastEnds.putAll(all);
        }
        String noAnswer = noAnswer(stored, ends);
        LagReport report = noAnswer.isEmpty() ? known(now) : unknown(now, noAnswer);
        last = new Look(report, nanoTime.getAsLong());
        return report;
    }

    private LagReport known(Instant now) {
        Map<Integer, PartitionOwner> owners = log.owners(partitions());
        Map<Integer, Long> unread = new HashMap<>();
        lastStored.forEach((partition, stored) -> {
            if (stored.nextOffset() < lastEnds.getOrDefault(partition, 0L)) {
                unread.put(partition, stored.nextOffset());
            }
        });
        Map<Integer, Instant> received = log.receivedAt(unread);
        List<PartitionLag> lags = new ArrayList<>();
        for (int partition : partitions()) {
            PartitionOwner owner = owners.getOrDefault(partition, new PartitionOwner.NotTold());
            StoredPosition stored = lastStored.get(partition);
            Long end = lastEnds.get(partition);
            if (stored == null || end == null) {
                lags.add(LagRules.unknown(
                        partition,
                        owner,
                        stored == null
                                ? "nothing was ever counted of this partition: start an aggregator"
                                : "the topic has no such partition any more"));
            } else {
                Movement movement = movements.computeIfAbsent(partition, any -> new Movement());
                movement.add(now, stored.nextOffset(), end);
                Seen seen = new Seen(stored, end, received.get(partition), owner, noteOf(stored));
                lags.add(rules.lagOf(seen, movement.rates(), now));
            }
        }
        return LagReport.of(now, 0, lags);
    }

    private LagReport unknown(Instant now, String noAnswer) {
        List<PartitionLag> lags = new ArrayList<>();
        for (int partition : partitions()) {
            StoredPosition stored = lastStored.get(partition);
            Long end = lastEnds.get(partition);
            PartitionOwner owner = new PartitionOwner.NotTold();
            lags.add(
                    stored == null || end == null
                            ? LagRules.unknown(partition, owner, noAnswer)
                            : rules.unknown(
                                    new Seen(stored, end, null, owner, noteOf(stored)),
                                    Rates.NOT_KNOWN,
                                    now,
                                    noAnswer));
        }
        return lags.isEmpty() ? LagReport.unknown(now, 0, noAnswer) : LagReport.of(now, 0, lags);
    }

    /** Why it is halted stands in the database, whoever owns it. Anything else only its owner knows. */
    private String noteOf(StoredPosition stored) {
        StoredHalt halt = stored.halt();
        return halt == null ? notes.apply(stored.partition()) : halt.words();
    }

    private Set<Integer> partitions() {
        Set<Integer> partitions = new TreeSet<>(lastStored.keySet());
        partitions.addAll(lastEnds.keySet());
        return partitions;
    }

    private sealed interface Answer<T> {}

    private record Told<T>(T answer) implements Answer<T> {}

    private record NoAnswer<T>(String why) implements Answer<T> {}

    private static <T> Answer<T> ask(String whom, Supplier<T> question) {
        try {
            return new Told<>(question.get());
        } catch (RuntimeException failed) {
            String why = failed.getMessage() == null ? failed.toString() : failed.getMessage();
            return new NoAnswer<>(whom + " does not answer: " + why);
        }
    }

    private static String noAnswer(Answer<?> stored, Answer<?> ends) {
        StringBuilder all = new StringBuilder();
        for (Answer<?> answer : List.of(stored, ends)) {
            if (answer instanceof NoAnswer<?>(String why)) {
                all.append(all.isEmpty() ? "" : "; ").append(why);
            }
        }
        return all.toString();
    }

    /** What the last look saw. Once that is too long ago, the verdict is unknown. */
    public LagReport last() {
        Look seen = last;
        double seconds = secondsSinceLook();
        boolean tooLongAgo = seconds > LOOK_AT_LEAST_EVERY.toSeconds();
        if (seen == null || tooLongAgo) {
            String cause = "no look has ended for " + (long) seconds + " s: the one under way hangs";
            return seen == null
                    ? LagReport.unknown(clock.instant(), seconds, seconds > 1 ? cause : "it was not looked yet")
                    : tooOld(seen.report, seconds, cause);
        }
        LagReport report = seen.report;
        return new LagReport(report.at(), seconds, report.verdict(), report.cause(), report.partitions());
    }

    private static LagReport tooOld(LagReport report, double seconds, String cause) {
        List<PartitionLag> lags = report.partitions().stream()
                .map(one -> new PartitionLag(
                        one.partition(),
                        LagVerdict.UNKNOWN,
                        cause,
                        one.owner(),
                        one.unread(),
                        PartitionLag.CatchUp.NOT_KNOWN,
                        one.deadline()))
                .toList();
        return new LagReport(report.at(), seconds, LagVerdict.UNKNOWN, cause, lags);
    }

    /** How long ago the last look has ended, in machine time. */
    public double secondsSinceLook() {
        Look seen = last;
        return (nanoTime.getAsLong() - (seen == null ? madeAtNanos : seen.atNanos)) / 1e9;
    }

    @Override
    public void close() {
        log.close();
    }
}
