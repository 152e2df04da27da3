package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
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

    private static PushLoops loop(PushRig stack, UsagePushPort endpoint) {
        return loop(stack, PushRig.LONG_LEASE, endpoint);
    }

    private static PushLoops loop(PushRig stack, Duration stalledAfter, UsagePushPort endpoint) {
        return stack.loops(
                (name, types, reader) -> new NeverLevel(true),
                stack.metrics,
                PushRig.account(PushRig.SELLER, stalledAfter, endpoint));
    }

    @Test
    void a_pusher_that_starts_during_a_long_close_of_hours_pushes_while_records_are_still_issued() {
        try (PushRig stack = new PushRig()) {
            stack.issue(3);
            ModelGallery gallery = new ModelGallery();
            try (PushLoops loop = loop(stack, gallery)) {
                loop.start();
                await().until(() -> gallery.billed().size() == 3);
            }
        }
    }

    /** Out of memory, a class that cannot be loaded: whatever is thrown, the one who pushes comes back. */
    @Test
    void an_error_does_not_end_the_thread_that_pushes() {
        try (PushRig stack = new PushRig()) {
            stack.issue(3);
            ModelGallery gallery = new ModelGallery();
            AtomicInteger calls = new AtomicInteger();
            try (PushLoops loop = loop(stack, (body, latest) -> {
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

    /** The one who pushes hangs, so it cannot say so itself. */
    @Test
    void a_call_that_never_comes_back_is_seen_from_outside() {
        try (PushRig stack = new PushRig()) {
            stack.issue(3);
            ModelGallery gallery = new ModelGallery();
            CountDownLatch mended = new CountDownLatch(1);
            try (PushLoops loop = loop(stack, Duration.ofMillis(500), (body, latest) -> {
                awaitQuietly(mended);
                return gallery.push(body, latest);
            })) {
                try {
                    loop.start();
                    await().until(() -> loop.status().halt().stalled() != null);
                    await().untilAsserted(() -> assertThat(
                                    loop.status().halt().stalled().whatToDo())
                            .contains("thread dump"));
                } finally {
                    mended.countDown();
                }
                await().until(() -> loop.status().halt().stalled() == null);
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
