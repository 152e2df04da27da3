package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.instance.Instance;
import io.hourledger.ledger.instance.InstanceState;
import io.hourledger.ledger.store.EventTable.Append;
import io.hourledger.ledger.store.EventTable.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;

/**
 * Axon's event storage over the ledger's own table. It answers from the states that the unit of work has read at once, and appends all events
 * of a unit of work, of one instance or thousands, by one statement. Readers do not come through here but through the feed, which never jumps
 * over a transaction that is still open.
 */
final class LedgerStorageEngine implements EventStorageEngine {

    private final EventTable table;

    LedgerStorageEngine(EventTable table) {
        this.table = table;
    }

    @Override
    public void appendEvents(List<? extends EventMessage<?>> messages) {
        Map<String, List<DomainEventMessage<?>>> streams = new TreeMap<>();
        for (EventMessage<?> message : messages) {
            DomainEventMessage<?> event = (DomainEventMessage<?>) message;
            streams.computeIfAbsent(event.getAggregateIdentifier(), id -> new ArrayList<>())
                    .add(event);
        }
        CommandBatch batch = CommandBatch.current(table);
        List<Append> appends = new ArrayList<>();
        streams.forEach((id, events) -> appends.add(append(id, batch.stored(id), events)));
        if (!table.append(appends)) {
            throw new ConcurrencyException("another writer has appended to one of " + appends.size() + " instances");
        }
        batch.appended(messages.size());
    }

    private static Append append(String id, @Nullable Stored stored, List<DomainEventMessage<?>> messages) {
        long last = messages.get(0).getSequenceNumber() - 1;
        if (last != (stored == null ? EventTable.NO_EVENT : stored.sequenceNumber())) {
            throw new ConcurrencyException("another writer has appended to " + id);
        }
        List<InstanceEvent> events = new ArrayList<>();
        InstanceState state = stored == null ? null : stored.state();
        for (DomainEventMessage<?> message : messages) {
            if (message.getSequenceNumber() != last + events.size() + 1) {
                throw new IllegalStateException("the events of instance " + id + " are not in their order");
            }
            InstanceEvent event = (InstanceEvent) message.getPayload();
            state = InstanceState.after(state, event);
            events.add(event);
        }
        return new Append(
                id,
                last,
                stored == null ? "0" : stored.transactionId(),
                stored == null ? null : stored.digest(),
                events,
                java.util.Objects.requireNonNull(state));
    }

    @Override
    public DomainEventStream readEvents(String instanceId, long firstSequenceNumber) {
        Stored stored = CommandBatch.current(table).stored(instanceId);
        List<DomainEventMessage<InstanceEvent>> messages = new ArrayList<>();
        if (stored == null || stored.sequenceNumber() < firstSequenceNumber) {
            // the state is as new as the stream was, and what came since is another writer's
            return DomainEventStream.of(messages);
        }
        long sequenceNumber = firstSequenceNumber;
        for (InstanceEvent event : table.stream(instanceId, firstSequenceNumber)) {
            messages.add(new GenericDomainEventMessage<>(
                    Instance.class.getSimpleName(), instanceId, sequenceNumber++, event));
        }
        return DomainEventStream.of(messages);
    }

    @Override
    public Optional<Long> lastSequenceNumberFor(String instanceId) {
        return Optional.ofNullable(CommandBatch.current(table).stored(instanceId))
                .map(Stored::sequenceNumber);
    }

    /** Nothing is left to do: the state beside the stream is the snapshot, and every append keeps it. */
    @Override
    public void storeSnapshot(DomainEventMessage<?> snapshot) {}

    @Override
    public Optional<DomainEventMessage<?>> readSnapshot(String instanceId) {
        return Optional.ofNullable(CommandBatch.current(table).stored(instanceId))
                .map(stored -> new GenericDomainEventMessage<>(
                        Instance.class.getSimpleName(),
                        instanceId,
                        stored.sequenceNumber(),
                        Instance.of(stored.state())));
    }

    @Override
    public Stream<? extends TrackedEventMessage<?>> readEvents(@Nullable TrackingToken token, boolean mayBlock) {
        throw new IllegalStateException(
                "nobody reads the ledger through Axon, whose readers jump over transactions that are still open: subscribe to LedgerFeed");
    }
}
