package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Readers of the ledger stay behind the oldest open transaction of the database. A record to report does not. */
@Tag("servers")
class WaitsForNoReaderTest {

    private static PushLoops loop(PushRig stack, ModelGallery gallery) {
        return stack.loops(stack.feed, stack.metrics, PushRig.account(PushRig.SELLER, PushRig.LONG_LEASE, gallery));
    }

    private static void closeAnHour(PushRig stack, String instance) {
        InstanceId id = new InstanceId(instance);
        stack.ledger.handleAll(List.of(
                new OpenInstance(id, "order", "line", PushRig.REQUESTS, "buyer", false, PushRig.NINE),
                PushRig.meterHour(id, PushRig.NINE, BigDecimal.TEN)));
    }

    /** A replay, a repair, a forgotten begin: whatever has written and goes on. */
    private static Connection transactionHeldOpen(PushRig stack) throws SQLException {
        Connection held = stack.dataSource.getConnection();
        held.setAutoCommit(false);
        try (Statement statement = held.createStatement()) {
            statement.execute("create table public.of_somebody_else (n int)");
        }
        return held;
    }

    @Test
    void while_another_transaction_stays_open_records_are_pushed_also_after_a_restart() throws SQLException {
        try (PushRig stack = new PushRig();
                Connection held = transactionHeldOpen(stack)) {
            ModelGallery gallery = new ModelGallery();
            closeAnHour(stack, "before-the-start");
            try (PushLoops loop = loop(stack, gallery)) {
                loop.start();
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> gallery.billed().size() == 1);
                closeAnHour(stack, "while-it-runs");
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> gallery.billed().size() == 2);
                await().until(() -> stack.queued() == 0);
                assertThat(stack.jdbc
                                .sql("select position from ledger.reader where name = 'gallery-pusher-work'")
                                .query(Long.class)
                                .single())
                        .as("the reader is held back all the while")
                        .isZero();
            }
            held.rollback();
        }
    }

    /** What it reads then was on the queue, and has left it, long ago. */
    @Test
    void a_reader_that_comes_late_puts_nothing_onto_the_queue_again() throws SQLException {
        try (PushRig stack = new PushRig()) {
            ModelGallery gallery = new ModelGallery();
            try (PushLoops loop = loop(stack, gallery)) {
                try (Connection held = transactionHeldOpen(stack)) {
                    loop.start();
                    closeAnHour(stack, "early");
                    await().atMost(Duration.ofSeconds(20))
                            .until(() -> gallery.billed().size() == 1);
                    held.rollback();
                }
                closeAnHour(stack, "late");
                await().until(() -> stack.jdbc
                        .sql(
                                """
                                select (reader.transaction_id, reader.position) >= (last.transaction_id, last.position)
                                  from ledger.reader,
                                       (select transaction_id, position from ledger.event where event_type = 'instance-opened'
                                         order by event.transaction_id desc, event.position desc limit 1) as last
                                 where reader.name = 'gallery-pusher-work'""")
                        .query(Boolean.class)
                        .single());
                await().until(() -> gallery.billed().size() == 2 && stack.queued() == 0);
                assertThat(gallery.calls()).hasSize(2);
            }
        }
    }
}
