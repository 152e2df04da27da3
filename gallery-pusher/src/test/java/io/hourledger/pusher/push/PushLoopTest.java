package io.hourledger.pusher.push;

import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.LedgerFeed;
import io.hourledger.pusher.gallery.UsageDoor;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PushLoopTest {

    /** A feed whose ledger grows faster than it is read. */
    private record NeverLevel(boolean caughtUpToStart) implements LedgerFeed.Subscription {
        @Override
        public boolean caughtUp() {
            return false;
        }

        @Override
        public void close() {}
    }

    private static PushLoop loop(PushHouse house, UsageDoor door) {
        return new PushLoop(
                PushHouse.settings("one", PushHouse.LONG_LEASE, 1000),
                house.ledger,
                (name, types, reader) -> new NeverLevel(true),
                (instance, window) -> house.queries.recordsIssued(new InstanceId(instance), window),
                door,
                house.jdbc,
                house.transaction,
                house.businessTime,
                Clock.systemUTC(),
                OutsideBook.NONE,
                house.metrics);
    }

    @Test
    void a_pusher_that_starts_during_a_long_close_of_hours_pushes_while_records_are_still_issued() {
        try (PushHouse house = new PushHouse()) {
            house.issue(3);
            ModelGallery gallery = new ModelGallery();
            try (PushLoop loop = loop(house, gallery)) {
                loop.start();
                await().until(() -> gallery.billed().size() == 3);
            }
        }
    }

    /** Out of memory, a class that cannot be loaded: whatever is thrown, the one who pushes comes back. */
    @Test
    void an_error_does_not_end_the_thread_that_pushes() {
        try (PushHouse house = new PushHouse()) {
            house.issue(3);
            ModelGallery gallery = new ModelGallery();
            AtomicInteger calls = new AtomicInteger();
            try (PushLoop loop = loop(house, (body, latest) -> {
                if (calls.incrementAndGet() == 1) {
                    throw new NoClassDefFoundError("a part of the program");
                }
                return gallery.push(body, latest);
            })) {
                loop.start();
                await().until(() -> gallery.billed().size() == 3);
            }
        }
    }
}
