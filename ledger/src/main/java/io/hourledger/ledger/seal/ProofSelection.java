package io.hourledger.ledger.seal;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds the events that a proof of usage records shows: those of the life of each instance, those of the records' hours, and those that name a
 * record.
 */
public final class ProofSelection {

    /** Most events of one proof: they and their hashes are held in memory. */
    public static final int MOST_EVENTS = 100_000;

    private static final String OF_MONTH =
            """
            select r.metering_sn, r.instance_id
            from ledger.usage_record r
            join ledger.instance i using (instance_id)
            where r.hour >= ? and r.hour < ?
              and (?::text is null or i.buyer_id = ?)
              and (?::text is null or r.instance_id = ?)
            order by r.instance_id, r.begin_at, r.metering_sn
            limit ?
            """;

    /** Hours stand in events as text of one length, so they compare as text. */
    private static final String EVENTS =
            """
            select sequence_number
            from ledger.event
            where instance_id = ?
              and (payload ->> 'hour' is null and payload ->> 'meteringSn' is null
                or payload ->> 'hour' collate "C" >= ? and payload ->> 'hour' collate "C" < ?
                or payload ->> 'meteringSn' = any(?))
            order by sequence_number
            limit ?
            """;

    private final JdbcTemplate jdbc;

    public ProofSelection(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** A record that a proof is about. */
    public record Named(String meteringSn, String instanceId) {}

    /**
     * What to show.
     *
     * @param events sequence numbers by instance
     * @param complete false if there are more than {@value #MOST_EVENTS}, so that a proof would leave some out
     */
    public record Selected(List<Named> records, Map<String, Set<Long>> events, boolean complete) {}

    /** Of one record whose amount came from these hours. */
    public Selected ofRecord(Named record, Instant firstHour, Instant afterLastHour) {
        return eventsOf(List.of(record), firstHour, afterLastHour);
    }

    /**
     * Of all records whose hour lies in a stretch.
     *
     * @param buyer null for all
     * @param instanceId null for all
     */
    public Selected ofHours(Instant from, Instant to, @Nullable String buyer, @Nullable String instanceId) {
        List<Named> records = jdbc.query(
                OF_MONTH,
                (row, number) -> new Named(row.getString(1), row.getString(2)),
                at(from),
                at(to),
                buyer,
                buyer,
                instanceId,
                instanceId,
                MOST_EVENTS + 1);
        return eventsOf(records, from, to);
    }

    private Selected eventsOf(List<Named> records, Instant from, Instant to) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        records.forEach(record -> names.computeIfAbsent(record.instanceId(), none -> new ArrayList<>())
                .add(record.meteringSn()));
        Map<String, Set<Long>> events = new HashMap<>();
        int found = 0;
        for (Map.Entry<String, List<String>> instance : names.entrySet()) {
            if (found > MOST_EVENTS || records.size() > MOST_EVENTS) {
                return new Selected(records, events, false);
            }
            Set<Long> numbers = new HashSet<>(jdbc.queryForList(
                    EVENTS,
                    Long.class,
                    instance.getKey(),
                    from.toString(),
                    to.toString(),
                    instance.getValue().toArray(String[]::new),
                    MOST_EVENTS + 1));
            found += numbers.size();
            events.put(instance.getKey(), numbers);
        }
        return new Selected(records, events, found <= MOST_EVENTS);
    }

    private static OffsetDateTime at(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }
}
