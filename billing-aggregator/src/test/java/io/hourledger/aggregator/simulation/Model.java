package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.simulation.LogRecord.Said;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What must have come out of one partition's log up to an offset, given the cutoffs: written as plainly as it can be said. */
final class Model {

    static final Duration ACCEPTED_AGE = Duration.ofHours(30);
    static final Duration ACCEPTED_AHEAD = Duration.ofMinutes(70);
    static final int HOURS_IN_MEMORY = 2;

    /** An amount, and how many events made it. */
    record Amount(BigDecimal total, long events, long firstOffset, long lastOffset) {

        Amount plus(BigDecimal value, long offset) {
            return new Amount(total.add(value), events + 1, firstOffset, offset);
        }
    }

    private record Counted(UsageHour hour, String content) {}

    private final List<LogRecord> records;
    private int read;
    private final Map<String, List<Counted>> counted = new HashMap<>();
    final Map<String, Amount> buckets = new TreeMap<>();
    final Map<Long, QuarantineReason> quarantined = new TreeMap<>();

    /** The offsets of what counted in a later revision. */
    final Set<Long> lateUsage = new HashSet<>();

    private long consumed;
    private long countedEvents;
    private long duplicates;

    Model(List<LogRecord> records) {
        this.records = records;
    }

    static String bucketName(UsageHour hour, int revision, String instance, String meter) {
        return hour + "." + revision + "|" + instance + "|" + meter;
    }

    void advanceTo(long nextOffset, List<Cutoff> cutoffs) {
        while (read < records.size() && records.get(read).offset() < nextOffset) {
            assess(records.get(read++), cutoffs);
        }
    }

    private void assess(LogRecord record, List<Cutoff> cutoffs) {
        consumed++;
        Said says = record.says();
        if (says == null) {
            quarantined.put(record.offset(), QuarantineReason.MALFORMED);
            return;
        }
        if (record.misplaced()) {
            quarantined.put(record.offset(), QuarantineReason.WRONG_PARTITION);
            return;
        }
        if (record.wrongKey()) {
            quarantined.put(record.offset(), QuarantineReason.KEY_MISMATCH);
            return;
        }
        if (Duration.between(record.appendedAt(), says.time()).compareTo(ACCEPTED_AHEAD) > 0) {
            quarantined.put(record.offset(), QuarantineReason.TOO_FAR_AHEAD);
            return;
        }
        UsageHour hour = UsageHour.of(says.time());
        UsageHour lastOver = null;
        boolean accepts = false;
        for (Cutoff cutoff : cutoffs) {
            if (cutoff.offset() <= record.offset()) {
                lastOver = cutoff.hour();
                accepts = hour.compareTo(cutoff.acceptsFrom()) >= 0;
            }
        }
        boolean tooOld = Duration.between(says.time(), record.appendedAt()).compareTo(ACCEPTED_AGE) > 0;
        boolean late = lastOver != null && hour.compareTo(lastOver) <= 0;
        List<Counted> sameName = counted.computeIfAbsent(says.name(), name -> new ArrayList<>());
        for (Counted before : sameName) {
            boolean visible = before.hour.equals(hour)
                    || lastOver == null
                    || before.hour.number() > lastOver.number() - HOURS_IN_MEMORY;
            if (visible) {
                if (before.content.equals(says.content())) {
                    duplicates++;
                } else {
                    quarantined.put(record.offset(), QuarantineReason.CONFLICT);
                }
                return;
            }
        }
        if (tooOld || (late && !accepts)) {
            quarantined.put(record.offset(), tooOld ? QuarantineReason.TOO_OLD : QuarantineReason.LATE);
            return;
        }
        sameName.add(new Counted(hour, says.content()));
        countedEvents++;
        int revision = late ? (int) (lastOver.number() + 1 - hour.number()) : 0;
        if (late) {
            lateUsage.add(record.offset());
        }
        String bucket = bucketName(hour, revision, says.instance(), says.meter());
        Amount amount = buckets.get(bucket);
        buckets.put(
                bucket,
                amount == null
                        ? new Amount(says.value(), 1, record.offset(), record.offset())
                        : amount.plus(says.value(), record.offset()));
    }

    Tallies tallies() {
        return new Tallies(consumed, countedEvents, duplicates, quarantined.size());
    }
}
