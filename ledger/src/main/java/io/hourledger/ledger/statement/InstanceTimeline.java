package io.hourledger.ledger.statement;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.instance.InstanceState;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.UpcasterChain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** The history of one instance, and what it was at any past moment. */
public final class InstanceTimeline {

    static final String BUSINESS_TIME = businessTime();

    private static final String EVENTS =
            """
            select sequence_number, event_type, revision, payload::text as payload, %s as at
            from (select sequence_number, event_type, revision, payload, %s as p
                  from ledger.event where instance_id = ?) e
            order by sequence_number
            """
                    .formatted(BUSINESS_TIME, UpcasterChain.presentPayloadSql());

    private final Reading reading;
    private final EventJson json;

    public InstanceTimeline(JdbcTemplate jdbc, PlatformTransactionManager transactions, EventJson json) {
        this.reading = new Reading(jdbc, transactions);
        this.json = json;
    }

    /**
     * An event of the history.
     *
     * @param at business time
     * @param payload as it is kept
     */
    public record Entry(long sequenceNumber, Instant at, String type, String payload) {}

    /**
     * A history up to a moment.
     *
     * @param state what the instance was then; null if it was not
     */
    public record Shown(List<Entry> entries, @Nullable InstanceState state) {}

    /**
     * @param asOf business time; null for now. The history ends with the last event that had happened by then
     */
    public Shown show(InstanceId instanceId, @Nullable Instant asOf) {
        List<Entry> entries = new ArrayList<>();
        List<InstanceEvent> events = new ArrayList<>();
        reading.stream(EVENTS, List.of(instanceId.value()), row -> {
            Entry entry = new Entry(
                    row.getLong("sequence_number"),
                    Objects.requireNonNull(Reading.moment(row, "at")),
                    row.getString("event_type"),
                    row.getString("payload"));
            entries.add(entry);
            events.add(json.read(instanceId.value(), entry.type(), row.getInt("revision"), entry.payload()));
        });
        int length = entries.size();
        while (asOf != null && length > 0 && entries.get(length - 1).at().isAfter(asOf)) {
            length--;
        }
        InstanceState state = null;
        for (InstanceEvent event : events.subList(0, length)) {
            state = InstanceState.after(state, event);
        }
        return new Shown(List.copyOf(entries.subList(0, length)), state);
    }

    /** The business time of an event is the one member that says when it happened. */
    private static String businessTime() {
        List<String> members = List.of(
                "openedAt",
                "closedAt",
                "recordTime",
                "withheldAt",
                "reportedAt",
                "refusedAt",
                "doubtedAt",
                "disputedAt",
                "listedAt",
                "decidedAt",
                "recountedAt",
                "writtenOffAt",
                "releasedAt",
                "renewedAt",
                "upgradedAt",
                "frozenAt",
                "unfrozenAt",
                "expiredAt",
                "addedAt",
                "noticedAt",
                "drawnAt",
                "reversedAt",
                "withdrawnAt",
                "usedUpAt",
                "reachedAt");
        return "coalesce(p ->> '" + String.join("', p ->> '", members) + "')::timestamptz";
    }
}
