package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Notes the hours of the events that go by, up to the last closed one, and the last revision that they may count in; counts nothing. */
final class HoursInLog implements UsageRecords.Taker {

    private final EventReader reader;
    private final CountingRules rules;
    private final long last;
    private final RecordedCutoffs.Walk cutoffs;
    private final SortedMap<UsageHour, Integer> seen = new TreeMap<>();

    HoursInLog(EventReader reader, CountingRules rules, UsageHour last, RecordedCutoffs.Walk cutoffs) {
        this.reader = reader;
        this.rules = rules;
        this.last = last.number();
        this.cutoffs = cutoffs;
    }

    /**
     * The hours, up to the last closed one, of which the log may hold usage that counts: all that have an event of an acceptable age. For each the
     * last closed revision that may have some; 0 if only the first.
     */
    static Recount<SortedMap<UsageHour, Integer>> read(
            CountedLog log, RecordedCutoffs recorded, RecountRules rules, int partition) {
        RecordedCutoffs.OfPartition cutoffs = recorded.of(partition);
        Optional<Cutoff> lastClosed = cutoffs.lastClosed();
        if (lastClosed.isEmpty()) {
            return new Recount.Counted<>(new TreeMap<>());
        }
        HoursInLog hours = new HoursInLog(
                EventReader.of(rules.versions()),
                rules.counting(),
                lastClosed.get().hour(),
                cutoffs.walk());
        return log.read(usageLog -> {
            long begin = usageLog.begin(partition);
            usageLog.read(partition, begin, Math.max(begin, lastClosed.get().offset()), hours);
            return new Recount.Counted<>(recorded.closedForGood(partition)
                    .map(last -> hours.seen.tailMap(last.next()))
                    .orElse(hours.seen));
        });
    }

    @Override
    public void take(LogRecord record) {
        ByteBuffer value = record.value();
        if (value == null) {
            return;
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        ReadUsage unread = reader.read(bytes, 0, bytes.length);
        if (unread != null && !(unread instanceof Amends)) {
            return;
        }
        long hour = reader.view().hour();
        long aheadMillis = reader.view().millisAheadOf(record.timestampMillis());
        boolean acceptable = aheadMillis <= rules.acceptedAhead().toMillis()
                && -aheadMillis <= rules.acceptedAge().toMillis();
        if (acceptable) {
            long through = Math.min(last, lastHourOf(reader.view()));
            for (long counting = hour; counting <= through; counting++) {
                note(UsageHour.ofNumber(counting), record.offset());
            }
        }
    }

    /** A level counts in later hours, too, and so does what amends it. */
    private long lastHourOf(EventView event) {
        long through = event.hour();
        for (int meter : event.isAmendment() ? amendedBy(event) : event.meters()) {
            through = Math.max(through, reader.meters().lastHourOf(meter, event.epochSecond()));
        }
        return through;
    }

    /** The meters that may read the event which this one amends. */
    private int[] amendedBy(EventView event) {
        UsageHour hour = event.amendment().hour();
        return reader
                .versions()
                .of(hour)
                .metersOfEventType(event.amendment().change().eventType())
                .stream()
                .mapToInt(meter -> reader.meters().numberOf(meter.name(), hour))
                .toArray();
    }

    private void note(UsageHour hour, long offset) {
        Cutoff passed = cutoffs.passedAt(offset);
        if (passed == null || hour.compareTo(passed.hour()) > 0) {
            seen.putIfAbsent(hour, 0);
        } else if (hour.compareTo(passed.acceptsFrom()) >= 0) {
            seen.merge(hour, (int) (passed.hour().number() + 1 - hour.number()), Math::max);
        }
    }
}
