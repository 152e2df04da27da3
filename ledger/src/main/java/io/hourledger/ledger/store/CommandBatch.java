package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.instance.HistoryLookup;
import io.hourledger.ledger.store.EventTable.Stored;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.jspecify.annotations.Nullable;

/**
 * What one of Axon's units of work knows of the instances whose commands it holds: their stored states, all read by one query, and the events
 * that were decided in it and are not appended yet. A resource of the outermost unit of work, so it ends with its transaction.
 */
final class CommandBatch {

    private final EventTable table;
    private final Set<String> fetched = new HashSet<>();
    private final Map<String, Stored> stored = new HashMap<>();
    private final Map<String, List<InstanceEvent>> fresh = new HashMap<>();
    private final Map<String, HistoryLookup> histories = new HashMap<>();

    private int decided;
    private int appended;

    CommandBatch(EventTable table) {
        this.table = table;
    }

    /** Makes it that of the unit of work on this thread. */
    void attach() {
        CurrentUnitOfWork.get().root().resources().put(CommandBatch.class.getName(), this);
    }

    /** That of the unit of work on this thread. */
    static CommandBatch current(EventTable table) {
        return CurrentUnitOfWork.get()
                .root()
                .getOrComputeResource(CommandBatch.class.getName(), name -> new CommandBatch(table));
    }

    /**
     * Reads the states of the instances of many commands at once.
     *
     * @return them by instance; an instance that nobody opened is not among them
     */
    Map<String, Stored> fetch(Collection<? extends InstanceCommand> commands) {
        Set<String> ids = new HashSet<>();
        commands.forEach(command -> ids.add(command.instanceId().value()));
        fetchAll(ids);
        return stored;
    }

    /**
     * @throws ConcurrentWriteException if an instance has events and no state: it was opened just now, or its row is gone. Nobody may say that it is
     *     unknown
     */
    private void fetchAll(Collection<String> ids) {
        Map<String, Stored> found = table.load(ids);
        List<String> missing = ids.stream().filter(id -> !found.containsKey(id)).toList();
        if (!missing.isEmpty() && table.anyHasEvents(missing)) {
            throw new ConcurrentWriteException();
        }
        stored.putAll(found);
        fetched.addAll(ids);
    }

    /** An instance as it was stored when this unit of work first asked for it; null if nobody had opened it. */
    @Nullable Stored stored(String instanceId) {
        if (!fetched.contains(instanceId)) {
            fetchAll(List.of(instanceId));
        }
        return stored.get(instanceId);
    }

    /** An instance has decided these, and its stream does not hold them yet. */
    void decided(String instanceId, List<InstanceEvent> events) {
        decided += events.size();
        fresh(instanceId).addAll(events);
    }

    /** So many events were put into the streams. */
    void appended(int events) {
        appended += events;
    }

    /**
     * Before the commit: whoever is told that something was done must find its events in the ledger.
     *
     * @throws IllegalStateException if Axon has not handed on what was decided
     */
    void requireAllAppended() {
        if (appended != decided) {
            throw new IllegalStateException(
                    "of " + decided + " events that were decided, " + appended + " were appended; nothing is kept");
        }
    }

    HistoryLookup history(String instanceId) {
        return histories.computeIfAbsent(instanceId, id -> new BatchHistory(table, fresh(id)));
    }

    private List<InstanceEvent> fresh(String instanceId) {
        return fresh.computeIfAbsent(instanceId, id -> new ArrayList<>());
    }
}
