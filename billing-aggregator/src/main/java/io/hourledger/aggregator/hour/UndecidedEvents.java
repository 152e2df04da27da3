package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.hour.LateEvent.Standing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Collects the late events of which only the store can say whether they are repeats, and decides them in the order of the log. Belongs to one
 * thread.
 */
final class UndecidedEvents {

    private final List<LateEvent> events = new ArrayList<>();

    /** What unique counts read in them. */
    private final List<WantedId> values = new ArrayList<>();

    private long bytes;

    /** What became of an event. */
    sealed interface Outcome {}

    record Counts(LateEvent late, int revision) implements Outcome {}

    record Repeats() implements Outcome {}

    record FilteredOut() implements Outcome {}

    record Refused(QuarantinedRecord quarantined) implements Outcome {}

    /**
     * @param valuesInIt what unique counts read in it
     */
    void add(LateEvent late, List<WantedId> valuesInIt) {
        events.add(late);
        values.addAll(valuesInIt);
        bytes += late.bytes();
    }

    int size() {
        return events.size();
    }

    long bytes() {
        return bytes;
    }

    /** Those of the events, and behind them those of the values. */
    List<WantedId> ids() {
        return Stream.concat(events.stream().map(LateEvent::id), values.stream())
                .toList();
    }

    /**
     * The values that the store has.
     *
     * @param contents for each of {@link #ids} what {@link CheckpointStore#findSealed} answers
     */
    Set<WantedId> storedValues(long[] contents) {
        Set<WantedId> stored = new HashSet<>();
        for (int i = 0; i < values.size(); i++) {
            if (contents[events.size() + i] != CheckpointStore.UNKNOWN_ID) {
                stored.add(values.get(i));
            }
        }
        return stored;
    }

    /**
     * Decides all of them. One that repeats another one of them is compared with that: the store knows neither.
     *
     * @param contents for each of {@link #ids} what {@link CheckpointStore#findSealed} answers
     * @param applied applies each before the next one is decided; answers whether the event was counted
     */
    void decide(long[] contents, Predicate<Outcome> applied) {
        List<LateEvent> taken = List.copyOf(events);
        events.clear();
        values.clear();
        bytes = 0;
        Map<WantedId, Integer> countedHere = new HashMap<>();
        for (int i = 0; i < taken.size(); i++) {
            LateEvent late = taken.get(i);
            Integer known = contents[i] == CheckpointStore.UNKNOWN_ID
                    ? countedHere.get(late.id())
                    : Integer.valueOf((int) contents[i]);
            Outcome outcome = known == null ? unknown(late) : known(late, known);
            if (applied.test(outcome)) {
                countedHere.put(late.id(), late.content());
            }
        }
    }

    private static Outcome unknown(LateEvent late) {
        return switch (late.standing()) {
            case Standing.Accepted(int revision) -> new Counts(late, revision);
            case Standing.Refused(EventRules.Refusal refusal) -> new Refused(late.quarantined(refusal));
            case Standing.FilteredOut() -> new FilteredOut();
            case Standing.Repeated() -> new Repeats();
        };
    }

    private static Outcome known(LateEvent late, int content) {
        return content == late.content() ? new Repeats() : new Refused(late.quarantined(EventRules.CONFLICT));
    }
}
