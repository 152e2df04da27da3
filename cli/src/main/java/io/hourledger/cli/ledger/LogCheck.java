package io.hourledger.cli.ledger;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.postgres.PostgresPartitionPositions;
import io.hourledger.aggregator.recount.ClosedHours;
import io.hourledger.aggregator.recount.ClosedHours.PartitionHour;
import io.hourledger.aggregator.recount.HourComparison;
import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.aggregator.recount.Recount;
import io.hourledger.aggregator.resume.LogGap;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.statement.MeteredHoursInOrder;
import io.hourledger.ledger.statement.MeteredHoursInOrder.OfHour;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Counts closed hours again from the usage log and compares them with the ledger. */
final class LogCheck {

    private static final String CHECK = "log";
    private static final OffsetDateTime EARLIEST = OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    private static final OffsetDateTime LATEST = OffsetDateTime.of(9999, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private static final String BEING_CLOSED =
            "select exists (select 1 from aggregator.hour_cutoff where partition = ? and hour >= ?)";

    private final LedgerDatabase.Open ledger;
    private final SortedMap<Integer, HourRecount> recounts;
    private final Scope scope;
    private final Findings findings;
    private final ProgressLine progress;

    /** The last revision of an hour of which the log may hold usage. */
    private final Map<PartitionHour, Integer> lastRevisions = new HashMap<>();

    /** For each partition; up to there nobody can count again. */
    private SortedMap<Integer, UsageHour> lastClosedForGood = new TreeMap<>();

    private long equalAmounts;
    private long notEntered;
    private long hoursEqual;
    private long hoursAsked;

    LogCheck(
            LedgerDatabase.Open ledger,
            SortedMap<Integer, HourRecount> recounts,
            Scope scope,
            Findings findings,
            ProgressLine progress) {
        this.ledger = ledger;
        this.recounts = recounts;
        this.scope = scope;
        this.findings = findings;
        this.progress = progress;
    }

    /**
     * What is counted again; a part that is null does not limit it.
     *
     * @param from the first hour
     * @param until the hour behind the last
     */
    record Scope(@Nullable Integer partition, @Nullable Instant from, @Nullable Instant until) {

        boolean covers(PartitionHour one) {
            Instant start = one.hour().start();
            return (partition == null || partition == one.partition())
                    && (from == null || !start.isBefore(from))
                    && (until == null || start.isBefore(until));
        }

        boolean covers(LogGap gap) {
            return (partition == null || partition == gap.partition())
                    && (from == null || !gap.lastHour().start().isBefore(from))
                    && (until == null
                            || gap.firstHour() == null
                            || gap.firstHour().start().isBefore(until));
        }

        OffsetDateTime first() {
            return from == null ? EARLIEST : from.atOffset(ZoneOffset.UTC);
        }

        OffsetDateTime behindLast() {
            return until == null ? LATEST : until.atOffset(ZoneOffset.UTC);
        }
    }

    /** For a person. */
    String summary() {
        return String.format(
                "%,d of %,d hours of a partition counted again and equal, with %,d amounts; %,d amounts not entered",
                hoursEqual, hoursAsked, equalAmounts, notEntered);
    }

    void run() {
        nameGaps();
        // first what is closed, then the ledger: what closes in between is not asked for
        ClosedHours closedHours = new ClosedHours(ledger.dataSource());
        nameHoursClosedForGood(closedHours);
        TreeSet<PartitionHour> closed = new TreeSet<>(closedHours.all());
        try {
            addHoursOfTheLog(closed);
        } catch (StoreUnavailableException noAnswer) {
            findings.notChecked(CHECK, "all hours", String.valueOf(noAnswer.getMessage()));
            return;
        }
        closed.removeIf(one -> !scope.covers(one));
        hoursAsked = closed.size();
        if (closed.isEmpty()) {
            findings.notChecked(CHECK, "hours", "no hour of what was asked for is closed");
        }
        try (MeteredHoursInOrder inLedger =
                MeteredHoursInOrder.open(ledger.dataSource(), scope.partition(), scope.first(), scope.behindLast())) {
            walk(closed, inLedger);
        } catch (StoreUnavailableException kafkaWentAway) {
            findings.notChecked(CHECK, "the other hours", String.valueOf(kafkaWentAway.getMessage()));
        }
    }

    /** What a person skipped was never counted, and nobody can say to which of these hours it belonged. */
    private void nameGaps() {
        for (LogGap gap : new PostgresPartitionPositions(ledger.dataSource()).gaps()) {
            if (scope.covers(gap)) {
                findings.notChecked(
                        CHECK,
                        "partition " + gap.partition() + ", " + gap.offsets(),
                        "skipped at " + gap.decidedAt() + " by "
                                + gap.decidedBy().who() + " (" + gap.decidedBy().why() + "): " + gap.hours()
                                + " may miss usage");
            }
        }
    }

    /** Their ids and cutoffs are dropped, so nobody can count them again. */
    private void nameHoursClosedForGood(ClosedHours hours) {
        lastClosedForGood = hours.closedForGood();
        lastClosedForGood.forEach((partition, last) -> {
            if (scope.partition() == null || scope.partition() == (int) partition) {
                findings.notChecked(
                        CHECK,
                        "partition " + partition + ", hours up to " + last,
                        "they are closed for good: their ids and cutoffs are no longer kept");
            }
        });
    }

    /** Usage may have been removed from the ledger and from the buckets; the log still shows that there was some. */
    private void addHoursOfTheLog(SortedSet<PartitionHour> hours) {
        HourRecount recount = Objects.requireNonNull(recounts.get(recounts.lastKey()));
        List<Integer> partitions = hours.stream()
                .map(PartitionHour::partition)
                .distinct()
                .filter(one -> scope.partition() == null || scope.partition().equals(one))
                .toList();
        long done = 0;
        for (int partition : partitions) {
            String name = "partition " + partition + ", hours without usage in the ledger";
            switch (recount.hoursInLog(partition)) {
                case Recount.Counted<SortedMap<UsageHour, Integer>>(SortedMap<UsageHour, Integer> inLog) ->
                    inLog.forEach((hour, lastRevision) -> {
                        PartitionHour one = new PartitionHour(partition, hour);
                        hours.add(one);
                        lastRevisions.put(one, lastRevision);
                    });
                case Recount.LogGone<SortedMap<UsageHour, Integer>>(String detail) ->
                    findings.notChecked(CHECK, name, detail);
                case Recount.NotOver<SortedMap<UsageHour, Integer>>(String detail) ->
                    findings.notChecked(CHECK, name, detail);
                case Recount.NoRoom<SortedMap<UsageHour, Integer>>(String detail) ->
                    findings.notChecked(CHECK, name, detail);
                case Recount.Differs<SortedMap<UsageHour, Integer>>(String detail) ->
                    findings.differs(CHECK, name, detail);
            }
            progress.show("partitions looked through for hours", ++done, partitions.size());
        }
    }

    private void walk(SortedSet<PartitionHour> closed, MeteredHoursInOrder inLedger) {
        long done = 0;
        Optional<OfHour> next = inLedger.next();
        for (PartitionHour one : closed) {
            while (next.isPresent() && keyOf(next.get()).compareTo(one) < 0) {
                notClosed(next.get());
                next = inLedger.next();
            }
            List<HourMetered> amounts = List.of();
            if (next.isPresent() && keyOf(next.get()).equals(one)) {
                amounts = next.get().amounts();
                next = inLedger.next();
            }
            check(one, amounts);
            progress.show("hours counted again from the log", ++done, closed.size());
        }
        while (next.isPresent()) {
            notClosed(next.get());
            next = inLedger.next();
        }
    }

    private static PartitionHour keyOf(OfHour hour) {
        return new PartitionHour(hour.partition(), hour.hour());
    }

    private void notClosed(OfHour hour) {
        UsageHour closedForGood = lastClosedForGood.get(hour.partition());
        if (closedForGood != null && hour.hour().compareTo(closedForGood) <= 0) {
            return; // named once for its partition
        }
        boolean beingClosed = Boolean.TRUE.equals(ledger.jdbc()
                .queryForObject(
                        BEING_CLOSED,
                        Boolean.class,
                        hour.partition(),
                        hour.hour().start().atOffset(ZoneOffset.UTC)));
        if (beingClosed) {
            findings.notChecked(CHECK, name(hour.partition(), hour.hour()), "it is being closed just now");
        } else {
            findings.differs(
                    CHECK,
                    name(hour.partition(), hour.hour()),
                    "the ledger has " + hour.amounts().size() + " amounts, such as one of instance "
                            + hour.amounts().get(0).instanceId() + ", for an hour that nobody has closed");
        }
    }

    private void check(PartitionHour one, List<HourMetered> amounts) {
        List<Integer> versions = amounts.stream()
                .map(hour -> hour.countedBy().catalogueVersion())
                .distinct()
                .sorted()
                .toList();
        String name = name(one.partition(), one.hour());
        if (versions.size() > 1) {
            findings.notChecked(CHECK, name, "it was counted with several versions of the catalogue: " + versions);
            return;
        }
        int version = versions.isEmpty() ? recounts.lastKey() : versions.get(0);
        HourRecount recount = recounts.get(version);
        if (recount == null) {
            findings.notChecked(
                    CHECK,
                    name,
                    "it was counted with version " + version + " of the catalogue; give that as --catalogue FILE");
            return;
        }
        switch (recount.verify(one.partition(), one.hour(), lastRevisions.getOrDefault(one, 0), amounts)) {
            case Recount.Counted<HourComparison>(HourComparison comparison) -> compared(name, comparison);
            case Recount.Differs<HourComparison>(String detail) -> findings.differs(CHECK, name, detail);
            case Recount.LogGone<HourComparison>(String detail) ->
                findings.notChecked(CHECK, name, "Kafka no longer keeps it: " + detail);
            case Recount.NoRoom<HourComparison>(String detail) -> findings.notChecked(CHECK, name, detail);
            case Recount.NotOver<HourComparison>(String detail) -> findings.notChecked(CHECK, name, detail);
        }
    }

    private void compared(String name, HourComparison comparison) {
        equalAmounts += comparison.equal();
        if (comparison.notEntered() > 0) {
            notEntered += comparison.notEntered();
            findings.note(
                    CHECK,
                    name,
                    comparison.notEntered()
                            + " amounts of the log are not in the ledger: they wait for their instance, or are"
                            + " refused (./metering unmatched list)");
        }
        if (comparison.isEqual()) {
            hoursEqual++;
            return;
        }
        List<HourComparison.Difference> shown = new ArrayList<>(comparison.differences());
        shown.forEach(difference -> findings.differs(
                CHECK,
                name + ", instance " + difference.instance() + ", meter " + difference.meter()
                        + (difference.revision() == 0 ? "" : ", revision " + difference.revision()),
                difference.sentence()));
        if (comparison.differing() > shown.size()) {
            findings.differs(CHECK, name, (comparison.differing() - shown.size()) + " more differ");
        }
    }

    private static String name(int partition, UsageHour hour) {
        return "partition " + partition + ", hour " + hour;
    }
}
