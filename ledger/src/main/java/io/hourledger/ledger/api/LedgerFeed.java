package io.hourledger.ledger.api;

import io.hourledger.contracts.instance.InstanceEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Hands the ledger's events, in order and without a gap, to those that keep something derived from them. Events of transactions that are
 * still open hold back what comes behind them, so none is ever jumped over.
 */
public interface LedgerFeed {

    /**
     * Starts to hand events to a reader, from where the reader of that name stopped before (or from the first event), until the
     * subscription is closed. Of all processes that subscribe under one name, one at a time is served.
     *
     * @param name stable name of the reader; its position is kept under it
     * @param types what the reader wants to hear of; its position moves past all others, which are not even read
     */
    Subscription subscribe(String name, Set<Class<? extends InstanceEvent>> types, Reader reader);

    /** The same for a reader that wants to hear of everything. */
    default Subscription subscribe(String name, Reader reader) {
        Set<Class<? extends InstanceEvent>> all = new HashSet<>();
        for (Class<?> type : InstanceEvent.class.getPermittedSubclasses()) {
            all.add(type.asSubclass(InstanceEvent.class));
        }
        return subscribe(name, all, reader);
    }

    /**
     * Takes a batch of events. Runs inside the transaction that also moves the reader's position: both happen or neither.
     *
     * <p>If it throws and the database is not away, it gets the same events again, of fewer and fewer instances, so that one event that it cannot
     * take stops its instance alone. That event and all later ones of the instance wait for this reader, until a retry takes them in order. So
     * what it does beside the transaction must bear repeats.
     */
    interface Reader {
        void read(List<StoredEvent> batch);
    }

    /** A running subscription. */
    interface Subscription extends AutoCloseable {
        /** Whether everything that was committed before this call has been handed over and taken. */
        boolean caughtUp();

        /**
         * Whether everything that was committed before the subscription began has been handed over and taken, whatever came since. Once it
         * is so it stays so; under a steady stream of events {@link #caughtUp()} may never be.
         */
        boolean caughtUpToStart();

        @Override
        void close();
    }
}
