package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Everything an instance remembers of one usage hour.
 *
 * @param metered the amount of each revision
 * @param records the usage records built for the hour, in their order
 * @param withheld what was withheld of each revision, whatever became of it
 */
public record HourEntry(
        UsageHour hour,
        SortedMap<Integer, BigDecimal> metered,
        List<RecordEntry> records,
        SortedMap<Integer, WithheldEntry> withheld) {

    public HourEntry {
        metered = Collections.unmodifiableSortedMap(new TreeMap<>(metered));
        records = List.copyOf(records);
        withheld = Collections.unmodifiableSortedMap(new TreeMap<>(withheld));
    }

    static HourEntry of(UsageHour hour) {
        return new HourEntry(hour, new TreeMap<>(), List.of(), new TreeMap<>());
    }

    HourEntry metered(int revision, BigDecimal amount) {
        SortedMap<Integer, BigDecimal> after = new TreeMap<>(metered);
        after.put(revision, BillableAmount.canonical(amount));
        return new HourEntry(hour, after, records, withheld);
    }

    HourEntry issued(RecordEntry record) {
        List<RecordEntry> after = new ArrayList<>(records);
        after.add(record);
        return new HourEntry(hour, metered, after, withheld);
    }

    HourEntry withheldNow(int revision, WithheldEntry entry) {
        SortedMap<Integer, WithheldEntry> after = new TreeMap<>(withheld);
        after.put(revision, entry);
        return new HourEntry(hour, metered, records, after);
    }

    HourEntry withheldMore(int revision, BigDecimal amount, String reason) {
        WithheldEntry before = withheld.get(revision);
        if (before == null) {
            return withheldNow(
                    revision, new WithheldEntry(amount, BigDecimal.ZERO, reason, List.of(), WithheldEntry.Fate.HELD));
        }
        // what a recount is withheld of anew was recounted all the same: that must not be done twice
        WithheldEntry.Fate fate =
                before.fate() == WithheldEntry.Fate.RECOUNTED ? before.fate() : WithheldEntry.Fate.HELD;
        return withheldNow(revision, before.withMore(amount, reason, fate));
    }

    HourEntry withheldBilled(WithheldUsageBilled billed) {
        WithheldEntry before = withheld.get(billed.revision());
        return withheldNow(
                billed.revision(),
                before == null ? goneEntry("", WithheldEntry.Fate.BILLED) : before.afterBilled(billed));
    }

    HourEntry withheldWrittenOff(int revision) {
        WithheldEntry before = withheld.get(revision);
        return withheldNow(revision, goneEntry(before == null ? "" : before.reason(), WithheldEntry.Fate.WRITTEN_OFF));
    }

    private static WithheldEntry goneEntry(String reason, WithheldEntry.Fate fate) {
        return new WithheldEntry(BigDecimal.ZERO, BigDecimal.ZERO, reason, List.of(), fate);
    }

    HourEntry recordNow(MeteringSn meteringSn, UnaryOperator<RecordEntry> change) {
        return new HourEntry(
                hour,
                metered,
                records.stream()
                        .map(record -> record.meteringSn().equals(meteringSn) ? change.apply(record) : record)
                        .toList(),
                withheld);
    }

    /** The record with that serial number, which must be one of this hour's. */
    RecordEntry record(MeteringSn meteringSn) {
        return records.stream()
                .filter(record -> record.meteringSn().equals(meteringSn))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(hour + " has no record " + meteringSn));
    }

    boolean hasRecordInFlight() {
        return records.stream().anyMatch(record -> record.state() == Account.IN_FLIGHT);
    }

    /** The windows that may not be used again. */
    UsedWindows usedWindows() {
        return new UsedWindows(
                records.stream().map(RecordEntry::window).toList(),
                records.stream()
                        .filter(record -> !record.isVoid())
                        .map(RecordEntry::window)
                        .toList());
    }

    /**
     * Windows of an hour.
     *
     * @param ever of all records that were ever issued: none of them is used again
     * @param standing those of them whose records the marketplace has, or may have: under {@code reserved-tail} nothing may overlap them
     */
    record UsedWindows(List<UsageWindow> ever, List<UsageWindow> standing) {}
}
