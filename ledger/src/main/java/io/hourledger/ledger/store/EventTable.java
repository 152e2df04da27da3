package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.InstanceState;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The SQL of events and states. Callers open the transaction. */
public final class EventTable {

    /** A stream that has no event yet. */
    static final long NO_EVENT = -1;

    private static final String LOAD =
            """
            select instance_id, sequence_number, transaction_id::text, state::text, encode(digest, 'hex'), form
            from ledger.instance_snapshot
            where instance_id = any (?)
            """;

    private static final String ANY_HAS_EVENTS =
            "select from ledger.event where instance_id = any (?) and sequence_number = 0 limit 1";

    private static final String APPEND =
            """
            insert into ledger.event (instance_id, sequence_number, event_type, revision, payload, digest)
            select instance_id, sequence_number, event_type, revision, payload::jsonb, decode(digest, 'hex')
            from unnest(?::text[], ?::bigint[], ?::text[], ?::int[], ?::text[], ?::text[], ?::text[])
                as fresh (instance_id, sequence_number, event_type, revision, payload, last_transaction, digest)
            where pg_current_xact_id() >= last_transaction::xid8
            on conflict do nothing
            """;

    private static final String KEEP_STATES =
            """
            insert into ledger.instance_snapshot as kept (instance_id, sequence_number, transaction_id, state, digest, form)
            select instance_id, sequence_number, pg_current_xact_id(), state::jsonb, decode(digest, 'hex'), %d
            from unnest(?::text[], ?::bigint[], ?::text[], ?::text[])
                as fresh (instance_id, sequence_number, state, digest)
            on conflict (instance_id) do update
            set sequence_number = excluded.sequence_number,
                transaction_id = excluded.transaction_id,
                state = excluded.state,
                digest = excluded.digest,
                form = excluded.form
            where kept.form <= excluded.form
            """
                    .formatted(SnapshotCodec.FORM);

    private static final String STREAM =
            """
            select event_type, revision, payload::text, sequence_number
            from ledger.event
            where instance_id = ? and sequence_number >= ?
            order by sequence_number
            """;

    /** Reads a stream backwards, until before anything can have happened in an hour: its first revisions come in order. */
    private static final String BEFORE_HOUR =
            """
            select sequence_number
            from ledger.event
            where instance_id = ? and event_type = 'hour-metered'
              and (payload ->> 'revision')::int = 0 and (payload ->> 'hour')::timestamptz < ?
            order by sequence_number desc
            limit 1
            """;

    private static final String HOUR_OF_RECORD =
            """
            select (payload ->> 'hour')::timestamptz
            from ledger.event
            where instance_id = ? and event_type = 'usage-record-issued' and payload ->> 'meteringSn' = ?
            order by sequence_number desc
            limit 1
            """;

    /** Not beyond the begin of the window's hour: before it, no record of the hour was issued. */
    private static final String RECORDS_ISSUED =
            """
            select count(*)
            from ledger.event
            where instance_id = ? and sequence_number > ?
              and event_type = 'usage-record-issued'
              and (payload ->> 'begin')::timestamptz = ?
              and (payload ->> 'end')::timestamptz = ?
            """;

    /** Once more than it was withdrawn. */
    private static final String PACKAGE_ADDED =
            """
            select count(*) filter (where event_type = 'package-added')
                   > count(*) filter (where event_type = 'package-withdrawn')
            from ledger.event
            where instance_id = ? and event_type in ('package-added', 'package-withdrawn')
              and payload ->> 'packageInstanceId' = ?
            """;

    private final JdbcTemplate jdbc;
    private final EventJson events;
    private final @Nullable EventDigests digests;
    private final Outbox outbox;
    private final SnapshotCodec states = new SnapshotCodec();

    /**
     * @param digests null to keep events without digests
     */
    public EventTable(JdbcTemplate jdbc, EventJson events, @Nullable EventDigests digests) {
        this.jdbc = jdbc;
        this.events = events;
        this.digests = digests;
        this.outbox = new Outbox(JdbcClient.create(jdbc));
    }

    /**
     * An instance as it is kept.
     *
     * @param sequenceNumber of its last event
     * @param transactionId of its last append
     * @param digest of its last event in hexadecimal digits; null if it has none
     */
    public record Stored(long sequenceNumber, String transactionId, InstanceState state, @Nullable String digest) {}

    /**
     * What is to be appended to one stream.
     *
     * @param lastSequenceNumber of the stream as it was when this was decided; {@link #NO_EVENT} if it had none
     * @param lastTransactionId of the last append to it; {@code 0} if there was none
     * @param lastDigest of its last event in hexadecimal digits; null if it has none
     */
    record Append(
            String instanceId,
            long lastSequenceNumber,
            String lastTransactionId,
            @Nullable String lastDigest,
            List<InstanceEvent> events,
            InstanceState after) {}

    /**
     * @throws LedgerUnavailableException if a newer version of this software has written one of the states
     */
    Map<String, Stored> load(Collection<String> instanceIds) {
        jdbc.execute(IndexScansOnly.SET);
        List<OldForm> old = new ArrayList<>();
        Map<String, Stored> stored = rows(LOAD, textArray(instanceIds), row -> {
            Map<String, Stored> readable = new HashMap<>();
            while (row.next()) {
                String id = row.getString(1);
                int form = row.getInt(6);
                refuseNewer(id, form);
                if (form < SnapshotCodec.OLDEST_READABLE) {
                    old.add(new OldForm(id, row.getLong(2), row.getString(3), row.getString(5)));
                    continue;
                }
                readable.put(
                        id,
                        new Stored(
                                row.getLong(2), row.getString(3), states.read(id, row.getString(4)), row.getString(5)));
            }
            return readable;
        });
        old.forEach(one -> stored.put(one.instanceId, one.foldedAnew(stream(one.instanceId, 0))));
        return stored;
    }

    /** Whether one of these instances has an event. */
    boolean anyHasEvents(Collection<String> instanceIds) {
        return rows(ANY_HAS_EVENTS, textArray(instanceIds), ResultSet::next);
    }

    /** A state that rules of before have folded. */
    private record OldForm(String instanceId, long sequenceNumber, String transactionId, @Nullable String digest) {

        /**
         * @param stream may have grown since: what came behind the state is another writer's
         */
        Stored foldedAnew(List<InstanceEvent> stream) {
            InstanceState state = null;
            for (InstanceEvent event : stream.subList(0, Math.toIntExact(sequenceNumber) + 1)) {
                state = InstanceState.after(state, event);
            }
            return new Stored(sequenceNumber, transactionId, java.util.Objects.requireNonNull(state), digest);
        }
    }

    /** This version does not know the rules that folded it, so it neither decides on it nor writes it back. */
    static void refuseNewer(String instanceId, int form) {
        if (form > SnapshotCodec.FORM) {
            String sentence = "a newer version has written the state of instance " + instanceId + " (form " + form
                    + ", and this process knows " + SnapshotCodec.FORM + "); this process must be upgraded";
            throw new LedgerUnavailableException(sentence, new IllegalStateException(sentence));
        }
    }

    /** The number of the caller's transaction; empty if it has not written yet, so that it will get one above all there are. */
    OptionalLong currentTransaction() {
        String id = jdbc.queryForObject("select pg_current_xact_id_if_assigned()::text", String.class);
        return id == null ? OptionalLong.empty() : OptionalLong.of(Long.parseUnsignedLong(id));
    }

    /**
     * Appends to many streams, all or nothing in the caller's transaction.
     *
     * @param appends in the order of the instance ids, so that two writers cannot lock each other out
     * @return whether all of them were appended; if not, another writer was faster, or of a newer version, and the caller must roll back
     */
    boolean append(List<Append> appends) {
        List<String> ids = new ArrayList<>();
        List<Long> sequenceNumbers = new ArrayList<>();
        List<String> types = new ArrayList<>();
        List<Integer> revisions = new ArrayList<>();
        List<String> payloads = new ArrayList<>();
        List<String> transactions = new ArrayList<>();
        List<@Nullable String> eventDigests = new ArrayList<>();
        List<@Nullable String> heads = new ArrayList<>();
        for (Append append : appends) {
            long sequenceNumber = append.lastSequenceNumber();
            byte[] digest = append.lastDigest() == null ? null : HexFormat.of().parseHex(append.lastDigest());
            for (InstanceEvent event : append.events()) {
                EventJson.Written written = events.write(event);
                ids.add(append.instanceId());
                sequenceNumbers.add(++sequenceNumber);
                types.add(written.type());
                revisions.add(written.revision());
                payloads.add(written.payload());
                transactions.add(append.lastTransactionId());
                if (digests != null) {
                    digest = digests.of(
                            digest,
                            append.instanceId(),
                            sequenceNumber,
                            written.type(),
                            written.revision(),
                            written.payload());
                }
                eventDigests.add(digests == null ? null : hex(digest));
            }
            heads.add(hex(digest));
        }
        int appended = update(APPEND, ids, sequenceNumbers, types, revisions, payloads, transactions, eventDigests);
        if (appended < ids.size()) {
            return false;
        }
        int written = update(
                KEEP_STATES,
                appends.stream().map(Append::instanceId).toList(),
                appends.stream()
                        .map(append ->
                                append.lastSequenceNumber() + append.events().size())
                        .toList(),
                appends.stream().map(append -> states.write(append.after())).toList(),
                heads);
        if (written < appends.size()) {
            return false;
        }
        outbox.follow(appends);
        return true;
    }

    private static @Nullable String hex(byte @Nullable [] digest) {
        return digest == null ? null : HexFormat.of().formatHex(digest);
    }

    /** The events of a stream from a sequence number on. */
    List<InstanceEvent> stream(String instanceId, long from) {
        return jdbc.query(
                STREAM,
                (row, number) -> events.read(instanceId, row.getString(1), row.getInt(2), row.getString(3)),
                instanceId,
                from);
    }

    /** The events of a stream from before anything happened in an hour. */
    List<InstanceEvent> tail(String instanceId, UsageHour hour) {
        return stream(instanceId, lastBefore(instanceId, hour) + 1);
    }

    private long lastBefore(String instanceId, UsageHour hour) {
        return jdbc.queryForList(BEFORE_HOUR, Long.class, instanceId, utc(hour.start())).stream()
                .findFirst()
                .orElse(NO_EVENT);
    }

    /** How many records of a window were issued; reads no further back than the window's hour. */
    int recordsIssued(String instanceId, UsageWindow window) {
        long before = lastBefore(instanceId, UsageHour.of(window.begin()));
        return java.util.Objects.requireNonNull(jdbc.queryForObject(
                RECORDS_ISSUED, Integer.class, instanceId, before, utc(window.begin()), utc(window.end())));
    }

    private static OffsetDateTime utc(Instant moment) {
        return OffsetDateTime.ofInstant(moment, ZoneOffset.UTC);
    }

    Optional<UsageHour> hourOfRecord(String instanceId, MeteringSn meteringSn) {
        return jdbc.queryForList(HOUR_OF_RECORD, OffsetDateTime.class, instanceId, meteringSn.value()).stream()
                .findFirst()
                .map(moment -> new UsageHour(moment.toInstant()));
    }

    boolean packageAdded(String instanceId, String packageInstanceId) {
        return Boolean.TRUE.equals(jdbc.queryForObject(PACKAGE_ADDED, Boolean.class, instanceId, packageInstanceId));
    }

    private interface Rows<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> T rows(String sql, Object[] texts, Rows<T> reader) {
        ConnectionCallback<T> query = connection -> {
            try (var statement = connection.prepareStatement(sql)) {
                statement.setArray(1, connection.createArrayOf("text", texts));
                try (ResultSet row = statement.executeQuery()) {
                    return reader.read(row);
                }
            }
        };
        return java.util.Objects.requireNonNull(jdbc.execute(query));
    }

    private int update(String sql, List<?>... columns) {
        ConnectionCallback<Integer> update = connection -> {
            try (var statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < columns.length; i++) {
                    Array array = connection.createArrayOf(typeOf(columns[i]), columns[i].toArray());
                    statement.setArray(i + 1, array);
                }
                return statement.executeUpdate();
            }
        };
        return java.util.Objects.requireNonNull(jdbc.execute(update));
    }

    private static String typeOf(List<?> column) {
        Object first = column.get(0);
        if (first instanceof Long) {
            return "bigint";
        }
        return first instanceof Integer ? "int" : "text";
    }

    private static Object[] textArray(Collection<String> texts) {
        return texts.toArray();
    }
}
