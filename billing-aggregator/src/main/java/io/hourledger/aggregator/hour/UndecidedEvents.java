package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.hour.LateEvent.Standing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the late events of which only the store can say whether they are repeats, and decides them in the order of the log. Belongs to one
 * thread.
 */
final class UndecidedEvents {

    private final List<LateEvent> events = new ArrayList<>();
    private long bytes;

    /** What became of an event. */
    sealed interface Outcome {}

    record Counts(LateEvent late, int revision) implements Outcome {}

    record Repeats() implements Outcome {}

    record FilteredOut() implements Outcome {}

    record Refused(QuarantinedRecord quarantined) implements Outcome {}

    void add(LateEvent late) {
        events.add(late);
        bytes += late.bytes();
    }

    int size() {
        return events.size();
    }

    long bytes() {
        return bytes;
    }

    List<WantedId> ids() {
        return events.stream().map(LateEvent::id).toList();
    }

    /**
     * Decides all of them. One that repeats another one of them is compared with that: the store knows neither.
     *
     * @param contents for each of {@link #ids} what {@link CheckpointStore#findSealed} answers
     */
    List<Outcome> decide(long[] contents) {
        List<LateEvent> taken = List.copyOf(events);
        events.clear();
        bytes = 0;
        List<Outcome> outcomes = new ArrayList<>(taken.size());
        Map<WantedId, Integer> countedHere = new HashMap<>();
        for (int i = 0; i < contents.length; i++) {
            LateEvent late = taken.get(i);
            Integer known = contents[i] == CheckpointStore.UNKNOWN_ID
                    ? countedHere.get(late.id())
                    : Integer.valueOf((int) contents[i]);
            Outcome outcome = known == null ? unknown(late) : known(late, known);
            if (outcome instanceof Counts) {
                countedHere.put(late.id(), late.content());
            }
            outcomes.add(outcome);
        }
        return outcomes;
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
