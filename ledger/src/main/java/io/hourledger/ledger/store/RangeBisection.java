package io.hourledger.ledger.store;

import io.hourledger.ledger.api.DatabaseFailure;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import io.hourledger.ledger.store.PostgresLedgerFeed.RangeReader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets a reader take what it can of a range that it failed to take as a whole. Instances are halved until the one at fault is alone; of that one
 * the events before the one at fault are taken. Only what fails again alone counts. Runs in the caller's transaction, each try behind a savepoint.
 */
public final class RangeBisection {

    private static final String IN_RANGE =
            "(transaction_id, position) >= (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?)";

    private static final String INSTANCES =
            """
            select distinct instance_id
            from ledger.event
            where %s and %s
            order by instance_id
            """
                    .formatted(IN_RANGE, InstanceFilter.SQL);

    private static final String EVENTS =
            """
            select transaction_id::text, position, sequence_number, event_type
            from ledger.event
            where instance_id = ? and %s
            order by sequence_number
            """
                    .formatted(IN_RANGE);

    /** A process that stands still meanwhile is ended by the other bounds of its session. */
    private static final String SEARCH_LONG =
            "set local transaction_timeout = 0; set local transaction_timeout = '10min'";

    private static final String STATEMENT_ITSELF = "42";

    /** Such as a payload of which a part is gone. */
    private static final String DATA_CORRUPTED = "XX001";

    /** If so many fail and not one event is taken, more tries tell nothing. */
    private static final int MOST_WITH_NOTHING_TAKEN = 100;

    /** If all fail, and they are more than these, it is none of them. */
    private static final int MOST_AT_FAULT_TOGETHER = 20;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate savepoint;
    private final RangeReader reader;

    public RangeBisection(JdbcTemplate jdbc, PlatformTransactionManager transactions, RangeReader reader) {
        this.jdbc = jdbc;
        this.savepoint = new TransactionTemplate(transactions);
        this.savepoint.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        this.reader = reader;
    }

    /** An event of one instance, and where it stands. */
    record EventPlace(Place place, long sequenceNumber, String type) {}

    /**
     * Takes all of a range but what cannot be taken, in the caller's transaction.
     *
     * @return the first event at fault of each instance that has one; it and what comes behind it in the range were not taken
     * @throws ReaderAtFaultException if these are too many to be put aside
     */
    public List<DeadLetter> read(Range range) {
        return read(range, DeadLetterQueue.MOST_SEQUENCES);
    }

    /**
     * As {@link #read(Range)}.
     *
     * @param room how many instances may be put aside; the first one more ends it
     */
    List<DeadLetter> read(Range range, int room) {
        Found found = new Found(room);
        Object[] which = {
            range.first().transactionId(),
            range.first().position(),
            range.last().transactionId(),
            range.last().position(),
            range.instances().ids(),
            range.instances().isIncluding()
        };
        List<String> instances = jdbc.queryForList(INSTANCES, String.class, which);
        if (!instances.isEmpty()) {
            halve(range, instances, found);
        }
        if (!found.taken && found.letters.size() > MOST_AT_FAULT_TOGETHER) {
            throw new ReaderAtFaultException(found.letters.getLast());
        }
        return found.letters;
    }

    /** What came of the tries so far. */
    private static final class Found {
        private final int room;
        private final List<DeadLetter> letters = new ArrayList<>();
        private boolean taken;

        Found(int room) {
            this.room = room;
        }

        void add(DeadLetter letter) {
            letters.add(letter);
            if (letters.size() > room || (!taken && letters.size() >= MOST_WITH_NOTHING_TAKEN)) {
                throw new ReaderAtFaultException(letter);
            }
        }
    }

    private void halve(Range range, List<String> instances, Found found) {
        if (failureOf(range.of(InstanceFilter.only(instances))) == null) {
            found.taken = true;
            return;
        }
        if (instances.size() == 1) {
            inOrder(instances.get(0), eventsOf(instances.get(0), range), found);
            return;
        }
        int middle = instances.size() / 2;
        halve(range, instances.subList(0, middle), found);
        halve(range, instances.subList(middle, instances.size()), found);
    }

    private List<EventPlace> eventsOf(String instance, Range range) {
        return jdbc.query(
                EVENTS,
                (row, number) ->
                        new EventPlace(new Place(row.getString(1), row.getLong(2)), row.getLong(3), row.getString(4)),
                instance,
                range.first().transactionId(),
                range.first().position(),
                range.last().transactionId(),
                range.last().position());
    }

    private void inOrder(String instance, List<EventPlace> events, Found found) {
        for (EventPlace event : events) {
            DeadLetter letter = read(instance, event);
            if (letter != null) {
                found.add(letter);
                return;
            }
            found.taken = true;
        }
    }

    /** Or else a reader whose transactions are bounded would never come to the end, and put aside nothing. */
    private void letSearchLong() {
        jdbc.execute(SEARCH_LONG);
    }

    /** Takes one event; what it says if it cannot be taken. */
    @Nullable DeadLetter read(String instance, EventPlace event) {
        Throwable failure = failureOf(
                new Range(event.place(), event.place(), Set.of(event.type()), InstanceFilter.only(List.of(instance))));
        return failure == null ? null : DeadLetter.of(instance, event.sequenceNumber(), event.type(), failure);
    }

    private @Nullable Throwable failureOf(Range range) {
        try {
            savepoint.executeWithoutResult(status -> reader.read(range));
            return null;
        } catch (RuntimeException | Error failed) {
            if (!isOfEvents(failed)) {
                throw failed;
            }
            letSearchLong();
            return failed;
        }
    }

    /**
     * Whether events may be at fault: not an outage, not a lost race, not a form that only a newer version knows, and not a statement that is
     * wrong whatever it reads.
     */
    public static boolean isOfEvents(Throwable failure) {
        if (DatabaseFailure.of(failure) != DatabaseFailure.DATA_OR_BUG) {
            return isOfCorruptedData(failure);
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NewerEventException || (cause instanceof SQLException sql && isOfStatement(sql))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOfCorruptedData(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && DATA_CORRUPTED.equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOfStatement(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && state.startsWith(STATEMENT_ITSELF);
    }
}
