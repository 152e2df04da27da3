package io.hourledger.pusher.push;

import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.LedgerFeed;
import java.time.Clock;
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

    @Test
    void a_pusher_that_starts_during_a_long_close_of_hours_pushes_while_records_are_still_issued() {
        try (PushHouse house = new PushHouse()) {
            house.issue(3);
            ModelGallery gallery = new ModelGallery();
            try (PushLoop loop = new PushLoop(
                    PushHouse.settings("one", PushHouse.LONG_LEASE, 1000),
                    house.ledger,
                    (name, types, reader) -> new NeverLevel(true),
                    (instance, window) -> house.queries.recordsIssued(new InstanceId(instance), window),
                    gallery,
                    house.jdbc,
                    house.transaction,
                    house.businessTime,
                    Clock.systemUTC(),
                    OutsideBook.NONE,
                    house.metrics)) {
                loop.start();
                await().until(() -> gallery.billed().size() == 3);
            }
        }
    }
}
