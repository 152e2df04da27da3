package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.DecidedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/**
 * The instances whose events wait for a reader, since one of them could not be taken: Axon's sequenced dead-letter queue, with the instance as
 * sequence and the reader as processing group. A row names the first event that waits. All later ones of the instance stand in the ledger, so they
 * are not copied, and nothing can be taken past the first. Callers open the transaction.
 */
public final class DeadLetterQueue {

    /** Of one reader. If more than these cannot be taken, the reader is at fault and not the events: it stands, and nothing is put aside. */
    public static final int MOST_SEQUENCES = 1024;

    private static final String ENQUEUE =
            """
            insert into ledger.dead_letter (reader, instance_id, sequence_number, event_type, cause)
            values (?, ?, ?, ?, ?)
            """;

    private static final String WAITING_INSTANCES = "select instance_id from ledger.dead_letter where reader = ?";

    private static final String SIZE = "select count(*) from ledger.dead_letter where reader = ?";

    /** Locked, so that a person who asks meanwhile asks again after this try. */
    private static final String NEXT_DUE =
            """
            select instance_id, sequence_number, event_type, cause
            from ledger.dead_letter
            where reader = ? and next_try_at <= clock_timestamp()
            order by next_try_at, instance_id
            limit 1
            for update
            """;

    private static final String ALL_DUE =
            "update ledger.dead_letter set next_try_at = clock_timestamp() where reader = ?";

    private static final String POSTPONE =
            """
            update ledger.dead_letter set next_try_at = clock_timestamp() + interval '1 minute'
            where reader = ? and instance_id = ?
            """;

    private static final String FAILED_AGAIN =
            """
            update ledger.dead_letter
            set sequence_number = ?, event_type = ?, cause = ?, last_tried_at = clock_timestamp(), tries = tries + 1,
                retry_asked = false,
                next_try_at = clock_timestamp() + case when tries < 2 then interval '5 minutes' else interval '30 minutes' end
            where reader = ? and instance_id = ?
            """;

    private static final String GOES_ON =
            """
            update ledger.dead_letter
            set sequence_number = ?, event_type = ?, cause = 'waits for its turn in a retry', last_tried_at = clock_timestamp(),
                next_try_at = clock_timestamp()
            where reader = ? and instance_id = ?
            """;

    private static final String REMOVE = "delete from ledger.dead_letter where reader = ? and instance_id = ?";

    private static final String WAITING =
            """
            select d.reader, d.instance_id, d.sequence_number, d.event_type, d.cause, d.first_tried_at, d.last_tried_at, d.tries,
                d.retry_asked,
                (select max(e.sequence_number) from ledger.event e
                 where e.instance_id = d.instance_id) - d.sequence_number + 1 as events
            from ledger.dead_letter d
            where (?::text is null or d.reader = ?) and (?::text is null or d.instance_id = ?)
            """;

    /** Asked for only with a buyer: a replay comes here also when the projections are gone. */
    private static final String OF_NO_OTHER_BUYER =
            "and not exists (select from ledger.instance i where i.instance_id = d.instance_id and i.buyer_id <> ?)";

    private static final String IN_ORDER = " order by d.first_tried_at, d.reader, d.instance_id";

    private static final String ASK =
            """
            with asked as (
                update ledger.dead_letter set retry_asked = true, next_try_at = clock_timestamp()
                where (?::text is null or reader = ?) and (?::text is null or instance_id = ?)
                returning reader, instance_id, sequence_number, event_type, cause)
            insert into ledger.dead_letter_decision
                (reader, instance_id, sequence_number, event_type, cause, decided_by, why)
            select reader, instance_id, sequence_number, event_type, cause, ?, ? from asked
            """;

    private final JdbcTemplate jdbc;

    public DeadLetterQueue(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * The instance that waits for a reader.
     *
     * @param letter the event that it waits before
     * @param events how many of its events wait
     * @param firstTriedAt by the database's clock, as is lastTriedAt
     * @param retryAsked whether a person has asked for a try that was not made yet
     */
    public record Sequence(
            String reader,
            DeadLetter letter,
            long events,
            Instant firstTriedAt,
            Instant lastTriedAt,
            int tries,
            boolean retryAsked) {

        /** For a person who reads figures of the instance. */
        public String sentence() {
            return "incomplete: instance " + letter.instanceId() + " waits since event " + letter.sequenceNumber()
                    + " ("
                    + letter.eventType() + "), because " + letter.cause() + "; " + events
                    + " of its events are not in these figures";
        }
    }

    /** What waits, the longest first. A part that is null does not limit it. An instance whose buyer is not known yet is of every buyer. */
    public List<Sequence> waiting(@Nullable String reader, @Nullable String instance, @Nullable String buyer) {
        RowMapper<Sequence> sequences = (row, number) -> sequence(row);
        return buyer == null
                ? jdbc.query(WAITING + IN_ORDER, sequences, reader, reader, instance, instance)
                : jdbc.query(
                        WAITING + OF_NO_OTHER_BUYER + IN_ORDER, sequences, reader, reader, instance, instance, buyer);
    }

    /**
     * Lets the readers try again what waits, in order. Whoever runs a reader does so within a moment, or when it starts.
     *
     * @param reader null for all of them
     * @param instance null for all of them
     * @return how many instances wait for it
     */
    public int askRetry(@Nullable String reader, @Nullable String instance, DecidedBy by) {
        return jdbc.update(ASK, reader, reader, instance, instance, by.who(), by.why());
    }

    /**
     * What waits is these from now on, as whoever made all anew from the first event has found.
     *
     * @throws ReaderAtFaultException if these are too many
     */
    public void replace(String reader, Collection<DeadLetter> letters) {
        Set<String> found = letters.stream().map(DeadLetter::instanceId).collect(Collectors.toSet());
        Set<String> waiting = Set.copyOf(instances(reader));
        waiting.stream().filter(instance -> !found.contains(instance)).forEach(instance -> remove(reader, instance));
        letters.stream()
                .filter(letter -> waiting.contains(letter.instanceId()))
                .forEach(letter -> failedAgain(reader, letter));
        enqueue(
                reader,
                letters.stream()
                        .filter(letter -> !waiting.contains(letter.instanceId()))
                        .toList());
    }

    /**
     * Puts instances aside that did not wait before.
     *
     * @throws ReaderAtFaultException if they are too many
     */
    void enqueue(String reader, Collection<DeadLetter> letters) {
        if (letters.size() > room(reader)) {
            throw new ReaderAtFaultException(letters.iterator().next());
        }
        for (DeadLetter letter : letters) {
            jdbc.update(
                    ENQUEUE, reader, letter.instanceId(), letter.sequenceNumber(), letter.eventType(), letter.cause());
        }
    }

    /** How many more instances may be put aside. */
    int room(String reader) {
        return MOST_SEQUENCES - Objects.requireNonNull(jdbc.queryForObject(SIZE, Integer.class, reader));
    }

    /** The ids of those that wait. */
    public List<String> instances(String reader) {
        return jdbc.queryForList(WAITING_INSTANCES, String.class, reader);
    }

    /** The one that has waited longest for a try that is due. */
    Optional<DeadLetter> nextDue(String reader) {
        return jdbc
                .query(
                        NEXT_DUE,
                        (row, number) ->
                                new DeadLetter(row.getString(1), row.getLong(2), row.getString(3), row.getString(4)),
                        reader)
                .stream()
                .findFirst();
    }

    /** A process starts to run the reader: it may be a build that can take what waits. */
    void allDue(String reader) {
        jdbc.update(ALL_DUE, reader);
    }

    /** The try came to nothing, and not by the event's fault. */
    void postpone(String reader, String instance) {
        jdbc.update(POSTPONE, reader, instance);
    }

    /** The instance waits before this event now. */
    void failedAgain(String reader, DeadLetter letter) {
        jdbc.update(
                FAILED_AGAIN, letter.sequenceNumber(), letter.eventType(), letter.cause(), reader, letter.instanceId());
    }

    /** All before this event was taken; the next try begins with it, and comes by itself. */
    void goesOn(String reader, String instance, long sequenceNumber, String eventType) {
        jdbc.update(GOES_ON, sequenceNumber, eventType, reader, instance);
    }

    /** All of its events were taken. */
    void remove(String reader, String instance) {
        jdbc.update(REMOVE, reader, instance);
    }

    /** A reader that begins with the first event waits for nothing. */
    void removeAll(String reader) {
        jdbc.update("delete from ledger.dead_letter where reader = ?", reader);
    }

    private static Sequence sequence(ResultSet row) throws SQLException {
        return new Sequence(
                row.getString("reader"),
                new DeadLetter(
                        row.getString("instance_id"),
                        row.getLong("sequence_number"),
                        row.getString("event_type"),
                        row.getString("cause")),
                row.getLong("events"),
                row.getObject("first_tried_at", OffsetDateTime.class).toInstant(),
                row.getObject("last_tried_at", OffsetDateTime.class).toInstant(),
                row.getInt("tries"),
                row.getBoolean("retry_asked"));
    }
}
