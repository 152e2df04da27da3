package io.hourledger.ledger.store;

import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import io.hourledger.ledger.store.PostgresLedgerFeed.RangeReader;
import io.hourledger.ledger.store.RangeBisection.EventPlace;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Lets a reader of the feed go on past events that it cannot take, and takes them up again. Runs in the feed's transaction: what was taken, what
 * waits, and the reader's position are committed together.
 */
final class DeadLetterProcessor implements RangeReader {

    private static final Logger log = LoggerFactory.getLogger(DeadLetterProcessor.class);

    /** Of one instance in one transaction, so that none takes long. */
    private static final int MOST_AT_ONCE = 500;

    private static final String WAITING =
            """
            select transaction_id::text, position, sequence_number, event_type
            from ledger.event
            where instance_id = ? and sequence_number >= ? and (transaction_id, position) <= (?::xid8, ?)
            order by sequence_number
            limit %d
            """
                    .formatted(MOST_AT_ONCE + 1);

    private final JdbcTemplate jdbc;
    private final String name;
    private final RangeBisection bisection;
    private final DeadLetterQueue queue;
    private @Nullable DeadLetter tried;

    DeadLetterProcessor(JdbcTemplate jdbc, PlatformTransactionManager transactions, String name, RangeReader reader) {
        this.jdbc = jdbc;
        this.name = name;
        this.bisection = new RangeBisection(jdbc, transactions, reader);
        this.queue = new DeadLetterQueue(jdbc);
    }

    /** Takes all of a range that can be taken; what cannot waits from now on, with all that comes behind it in its instance. */
    @Override
    public void read(Range range) {
        List<DeadLetter> letters = bisection.read(range, queue.room(name));
        queue.enqueue(name, letters);
        letters.forEach(
                letter -> tell(letter, "an event cannot be taken; later events of its instance wait behind it"));
    }

    /**
     * Tries again one instance whose try is due, its events in order. In a transaction of its own, so that it holds up nothing else for long.
     *
     * @param reached where the reader is: all behind that comes to it in its turn
     * @return false if none is due
     */
    boolean retryNext(Place reached) {
        tried = null;
        Optional<DeadLetter> due = queue.nextDue(name);
        due.ifPresent(letter -> {
            tried = letter;
            retry(letter, reached);
        });
        return due.isPresent();
    }

    /** The last try was rolled back as a whole, by a failure that is not the events'. The others have their turn first. */
    void postponeTried() {
        DeadLetter letter = tried;
        if (letter != null) {
            queue.postpone(name, letter.instanceId());
        }
    }

    private void retry(DeadLetter letter, Place reached) {
        String instance = letter.instanceId();
        List<EventPlace> events = jdbc.query(
                WAITING,
                (row, number) ->
                        new EventPlace(new Place(row.getString(1), row.getLong(2)), row.getLong(3), row.getString(4)),
                instance,
                letter.sequenceNumber(),
                reached.transactionId(),
                reached.position());
        for (EventPlace event : events.subList(0, Math.min(MOST_AT_ONCE, events.size()))) {
            @Nullable DeadLetter again = bisection.read(instance, event);
            if (again != null) {
                queue.failedAgain(name, again);
                tell(again, "an event still cannot be taken; its instance goes on waiting");
                return;
            }
        }
        if (events.size() > MOST_AT_ONCE) {
            EventPlace next = events.get(MOST_AT_ONCE);
            queue.goesOn(name, instance, next.sequenceNumber(), next.type());
            return;
        }
        queue.remove(name, instance);
        log.atInfo()
                .addKeyValue("reader", name)
                .addKeyValue("instance", instance)
                .addKeyValue("events", events.size())
                .log("an instance waits no more: its events were taken, in order");
    }

    private void tell(DeadLetter letter, String sentence) {
        log.atError()
                .addKeyValue("reader", name)
                .addKeyValue("instance", letter.instanceId())
                .addKeyValue("sequenceNumber", letter.sequenceNumber())
                .addKeyValue("type", letter.eventType())
                .addKeyValue("cause", letter.cause())
                .log(sentence);
    }
}
