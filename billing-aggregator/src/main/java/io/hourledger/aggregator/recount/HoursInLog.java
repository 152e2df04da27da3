package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.scan.EventReader;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.SortedSet;
import java.util.TreeSet;

/** Notes the hours of the events that go by, up to the last closed one; counts nothing. */
final class HoursInLog implements UsageLogReader.Taker {

    private final EventReader reader;
    private final CountingRules rules;
    private final long last;
    private final SortedSet<UsageHour> seen = new TreeSet<>();
    private long latest = Long.MIN_VALUE;

    HoursInLog(EventReader reader, CountingRules rules, UsageHour last) {
        this.reader = reader;
        this.rules = rules;
        this.last = last.number();
    }

    @Override
    public void take(LogRecord record) {
        ByteBuffer value = record.value();
        if (value == null) {
            return;
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        if (reader.read(bytes, 0, bytes.length) != null) {
            return;
        }
        long hour = reader.view().hour();
        long aheadMillis = reader.view().millisAheadOf(record.timestampMillis());
        boolean acceptable = aheadMillis <= rules.acceptedAhead().toMillis()
                && -aheadMillis <= rules.acceptedAge().toMillis();
        if (acceptable && hour <= last && hour != latest) {
            latest = hour;
            seen.add(UsageHour.ofNumber(hour));
        }
    }

    SortedSet<UsageHour> seen() {
        return seen;
    }
}
