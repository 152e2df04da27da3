package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;

import io.hourledger.aggregator.recount.EventSearch.Named;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageEvent.Reading;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds the amendments of what counts in one hour of a partition, as one reading of the log has found them, and says what each makes of its event. In a
 * revision the last of an event's amendments holds that lies before the end of that revision. One that names another type or another time than the
 * event has is none of that event's.
 */
final class HourAmendments {

    /** Beyond this a recount has no room, and the hour's amended instances wait for a person. */
    private static final int MOST = 100_000;

    private final UsageHour hour;
    private final Meters meters;
    private final Map<Corrected, List<Applied>> byEvent = new HashMap<>();
    private final Set<String> instances = new HashSet<>();
    private int amendments;

    /**
     * @param meters by which the events are read
     */
    HourAmendments(UsageHour hour, Meters meters) {
        this.hour = hour;
        this.meters = meters;
    }

    /** All that an amendment must say of its event. */
    private record Corrected(Named event, String type, Instant time) {}

    private record Applied(UsageAmendment amendment, int revision) {}

    /** Takes one that counts, in the order of the log. */
    void add(UsageAmendment amendment, int revision) {
        if (++amendments > MOST) {
            throw new NoRoomException("hour " + hour + " has more than " + MOST + " amendments in one partition");
        }
        instances.add(amendment.subject());
        byEvent.computeIfAbsent(
                        new Corrected(
                                new Named(
                                        amendment.subject(),
                                        amendment.source(),
                                        amendment.change().eventId(),
                                        amendment.hour()),
                                amendment.change().eventType(),
                                amendment.time()),
                        event -> new ArrayList<>(1))
                .add(new Applied(amendment, revision));
    }

    boolean isEmpty() {
        return amendments == 0;
    }

    boolean areOf(String instance) {
        return instances.contains(instance);
    }

    /** The keys of the records of all instances that have one. */
    Set<ByteBuffer> keys() {
        return instances.stream()
                .map(instance -> ByteBuffer.wrap(instance.getBytes(UTF_8)))
                .collect(toSet());
    }

    /**
     * What a meter reads in an event, in a revision.
     *
     * @param number of the meter among those of the event's view, in the version of the event's hour
     * @return null if it reads nothing: the event was voided, or no longer matches its filter
     */
    @Nullable BigDecimal value(EventView event, String meter, int number, int revision) {
        UsageAmendment holds = lastOf(named(event), revision);
        if (holds == null) {
            return event.isReadBy(number) ? event.valueFor(number) : null;
        }
        return holds.readings().stream()
                .filter(reading -> reading.meter().name().equals(meter))
                .map(Reading::value)
                .findFirst()
                .orElse(null);
    }

    private Corrected named(EventView event) {
        return new Corrected(
                Named.of(event),
                meters.meter(event.meter()).eventType(),
                Instant.ofEpochSecond(event.epochSecond(), event.nanos()));
    }

    private @Nullable UsageAmendment lastOf(Corrected event, int revision) {
        UsageAmendment last = null;
        for (Applied applied : byEvent.getOrDefault(event, List.of())) {
            if (applied.revision <= revision) {
                last = applied.amendment;
            }
        }
        return last;
    }
}
