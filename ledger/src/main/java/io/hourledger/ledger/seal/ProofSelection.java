package io.hourledger.ledger.seal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds the events that a proof of usage records shows: the whole stream of each instance, from its opening to the last event that names a
 * record. It asks the events alone, since projections may be behind or wrong.
 */
public final class ProofSelection {

    /** Most events of one proof: they and their hashes are held in memory. */
    public static final int MOST_EVENTS = 100_000;

    /** Hours stand in events as text of one length, so they compare as text. */
    private static final String OF_HOURS =
            """
            select e.payload ->> 'meteringSn', e.instance_id
            from ledger.event e
            join ledger.event o on o.instance_id = e.instance_id and o.sequence_number = 0
            where e.event_type = 'usage-record-issued'
              and e.payload ->> 'hour' collate "C" >= ? and e.payload ->> 'hour' collate "C" < ?
              and (?::text is null or o.payload ->> 'buyerId' = ?)
              and (?::text is null or e.instance_id = ?)
            order by e.instance_id, e.sequence_number
            limit ?
            """;

    private static final String OF_SN =
            """
            select payload ->> 'meteringSn', instance_id
            from ledger.event
            where event_type = 'usage-record-issued' and payload ->> 'meteringSn' = ?
            """;

    private static final String LAST_THAT_NAMES =
            """
            select max(sequence_number)
            from ledger.event
            where instance_id = ? and payload ->> 'meteringSn' = any(?)
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
     * @param records none if the ledger issued none
     * @param events sequence numbers by instance
     * @param complete false if there are more than {@value #MOST_EVENTS}, so that a proof would leave some out
     */
    public record Selected(List<Named> records, Map<String, Set<Long>> events, boolean complete) {}

    public Selected ofRecord(String meteringSn) {
        return eventsOf(named(OF_SN, meteringSn));
    }

    /**
     * Of all records whose hour lies in a stretch.
     *
     * @param buyer null for all
     * @param instanceId null for all
     */
    public Selected ofHours(Instant from, Instant to, @Nullable String buyer, @Nullable String instanceId) {
        return eventsOf(
                named(OF_HOURS, from.toString(), to.toString(), buyer, buyer, instanceId, instanceId, MOST_EVENTS + 1));
    }

    private List<Named> named(String query, @Nullable Object... parameters) {
        return jdbc.query(query, (row, number) -> new Named(row.getString(1), row.getString(2)), parameters);
    }

    private Selected eventsOf(List<Named> records) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        records.forEach(record -> names.computeIfAbsent(record.instanceId(), none -> new ArrayList<>())
                .add(record.meteringSn()));
        Map<String, Set<Long>> events = new HashMap<>();
        long found = 0;
        for (Map.Entry<String, List<String>> instance : names.entrySet()) {
            Long last = jdbc.queryForObject(
                    LAST_THAT_NAMES,
                    Long.class,
                    instance.getKey(),
                    instance.getValue().toArray(String[]::new));
            long count = last == null ? 0 : last + 1;
            found += count;
            if (found > MOST_EVENTS || records.size() > MOST_EVENTS) {
                return new Selected(records, events, false);
            }
            events.put(instance.getKey(), LongStream.range(0, count).boxed().collect(Collectors.toSet()));
        }
        return new Selected(records, events, true);
    }
}
