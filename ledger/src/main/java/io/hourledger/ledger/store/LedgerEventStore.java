package io.hourledger.ledger.store;

import java.util.Optional;
import java.util.stream.Stream;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.AbstractEventStore;
import org.jspecify.annotations.Nullable;

/**
 * Axon's event store for units of work that hold the commands of thousands of instances. Events are staged in the outermost unit of work and
 * reach {@link LedgerStorageEngine} as one list when it prepares to commit.
 */
final class LedgerEventStore extends AbstractEventStore {

    LedgerEventStore(LedgerStorageEngine engine) {
        super(new Builder(engine));
    }

    /**
     * Nothing: an instance whose events are staged is not read again, since the outermost unit of work holds it with all that it decided. Axon
     * would compare every staged event with every other for each instance that is loaded, so that a batch costs the cube of its size.
     */
    @Override
    protected Stream<? extends DomainEventMessage<?>> stagedDomainEventMessages(String instanceId) {
        return Stream.empty();
    }

    /** Axon would decide on the whole stream instead, by rules that may not be those that wrote the state. */
    @Override
    protected Optional<DomainEventMessage<?>> handleSnapshotReadingError(String instanceId, Throwable failure) {
        if (failure instanceof RuntimeException unread) {
            throw unread;
        }
        throw new IllegalStateException("the state of instance " + instanceId + " was not read", failure);
    }

    @Override
    public BlockingStream<TrackedEventMessage<?>> openStream(@Nullable TrackingToken token) {
        throw new IllegalStateException(
                "nobody reads the ledger through Axon, whose readers jump over transactions that are still open: subscribe to LedgerFeed");
    }

    private static final class Builder extends AbstractEventStore.Builder {
        Builder(LedgerStorageEngine engine) {
            storageEngine(engine);
        }
    }
}
