package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageHour;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The usage hours an instance remembers in full: the latest few, and those before them whose records have no outcome yet, since that outcome
 * will speak of them. What is older is not in the state but in the stream, and is recalled from there when a command speaks of it; so the
 * state stays as small after a year as after a day.
 *
 * @param completeFrom from this hour on everything is here; null while nothing has been forgotten
 * @param hours by hour; one before {@code completeFrom} is here in full as well
 * @param limit how many of the latest hours are kept
 */
public record RecentHours(@Nullable UsageHour completeFrom, SortedMap<UsageHour, HourEntry> hours, int limit) {

    /** How many hours the state beside the stream keeps: the hour that closes, the one being reported, and one to spare. */
    public static final int STORED = 3;

    /** How many older hours are kept for records on their way: three weeks of an outage. The marketplace takes none that are older. */
    static final int MOST_IN_FLIGHT = 21 * 24;

    public RecentHours {
        hours = Collections.unmodifiableSortedMap(new TreeMap<>(hours));
    }

    static RecentHours none(int limit) {
        return new RecentHours(null, new TreeMap<>(), limit);
    }

    /** Whether an hour, had anything happened in it, would be here. */
    boolean remembers(UsageHour hour) {
        return completeFrom == null || hour.compareTo(completeFrom) >= 0 || hours.containsKey(hour);
    }

    /** Whether this is a memory with a bound. */
    boolean forgets() {
        return limit < Integer.MAX_VALUE;
    }

    boolean forgotAny() {
        return completeFrom != null;
    }

    /** What is remembered of an hour; an empty entry if nothing has happened in it. */
    HourEntry entry(UsageHour hour) {
        HourEntry entry = hours.get(hour);
        return entry == null ? HourEntry.of(hour) : entry;
    }

    /** The last hour that was metered. */
    public Optional<UsageHour> latest() {
        return hours.isEmpty() ? Optional.empty() : Optional.of(hours.lastKey());
    }

    Optional<HourEntry> hourOfRecord(MeteringSn meteringSn) {
        return hours.values().stream()
                .filter(hour -> hour.records().stream()
                        .anyMatch(record -> record.meteringSn().equals(meteringSn)))
                .findFirst();
    }

    /** The hour for which a remembered record was built. */
    public Optional<UsageHour> hourOf(MeteringSn meteringSn) {
        return hourOfRecord(meteringSn).map(HourEntry::hour);
    }

    /** An hour that was forgotten stays forgotten. */
    RecentHours with(UsageHour hour, UnaryOperator<HourEntry> change) {
        if (!remembers(hour)) {
            return this;
        }
        NavigableMap<UsageHour, HourEntry> after = new TreeMap<>(hours);
        after.put(hour, change.apply(entry(hour)));
        UsageHour from = completeFrom;
        Optional<UsageHour> gone = firstToForget(after);
        while (gone.isPresent()) {
            UsageHour next = after.higherKey(gone.get());
            after.remove(gone.get());
            from = from == null || next.compareTo(from) > 0 ? next : from;
            gone = firstToForget(after);
        }
        return new RecentHours(from, after, limit);
    }

    /** The first hour that is neither one of the latest nor needed for a record on its way; the first of all if there are too many. */
    private Optional<UsageHour> firstToForget(NavigableMap<UsageHour, HourEntry> all) {
        int older = all.size() - limit;
        if (older <= 0) {
            return Optional.empty();
        }
        return older > MOST_IN_FLIGHT
                ? Optional.of(all.firstKey())
                : all.values().stream()
                        .limit(older)
                        .filter(entry -> !entry.hasRecordInFlight())
                        .map(HourEntry::hour)
                        .findFirst();
    }

    /** These hours and, in full from {@code from} on, those of {@code recalled}; for one decision, never to be kept. */
    RecentHours widened(UsageHour from, RecentHours recalled) {
        SortedMap<UsageHour, HourEntry> all = new TreeMap<>(recalled.hours.tailMap(from));
        all.putAll(hours);
        return new RecentHours(from, all, Integer.MAX_VALUE);
    }
}
