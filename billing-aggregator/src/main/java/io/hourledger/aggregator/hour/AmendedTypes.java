package io.hourledger.aggregator.hour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.UsageHour;
import java.util.HashSet;
import java.util.Set;

/**
 * Remembers of which instances' hours events of a type were amended, while these hours accept usage. An event of such a type that comes
 * later may be read by another meter than it was sent for. Belongs to one thread.
 */
final class AmendedTypes {

    private final Set<Amended> all = new HashSet<>();

    private record Amended(long hour, String instance, String type) {}

    void add(UsageHour hour, String instance, String type) {
        all.add(new Amended(hour.number(), instance, type));
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    boolean has(EventView event, String type) {
        String instance = new String(event.bytes(), event.subjectOffset(), event.subjectLength(), UTF_8);
        return all.contains(new Amended(event.hour(), instance, type));
    }

    /** Forgets those of hours before this one. */
    void dropBefore(long hour) {
        all.removeIf(amended -> amended.hour < hour);
    }
}
