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

    private CommandBatch(EventTable table) {
        this.table = table;
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

    private void fetchAll(Collection<String> ids) {
        stored.putAll(table.load(ids));
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
        fresh(instanceId).addAll(events);
    }

    HistoryLookup history(String instanceId) {
        return histories.computeIfAbsent(instanceId, id -> new BatchHistory(table, fresh(id)));
    }

    private List<InstanceEvent> fresh(String instanceId) {
        return fresh.computeIfAbsent(instanceId, id -> new ArrayList<>());
    }
}
