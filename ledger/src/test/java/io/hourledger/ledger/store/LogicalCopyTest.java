package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.freeze;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.instance.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** A ledger that a dump or logical replication brought to another PostgreSQL says so, and can be made at home there. */
@Tag("servers")
class LogicalCopyTest {

    private static final String IN_THE_ORDER_OF_THE_FEED =
            """
            select instance_id || ' ' || sequence_number || ' ' || encode(digest, 'hex') from ledger.event
            order by transaction_id, position""";

    /** The other server had seen far more transactions than this one. */
    private static final String AHEAD = " = (transaction_id::text::bigint + 1000000000)::text::xid8";

    private final TestLedger test = new TestLedger();
    private final List<InstanceEvent> read = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        test.close();
    }

    /** Rows as they were, transaction ids of another server, and no sequences: as logical replication leaves them. */
    private void copyLogically() {
        for (String table : List.of("event", "instance_snapshot")) {
            test.jdbc.update("update ledger." + table + " set transaction_id" + AHEAD);
        }
        test.jdbc.update("update ledger.reader set transaction_id" + AHEAD + " where position > 0");
        test.jdbc.update("update ledger.seal_chain set transaction_id" + AHEAD + " where position > 0");
        test.jdbc.update("alter table ledger.event alter column position restart with 1");
    }

    private List<String> feed() {
        return test.jdbc.queryForList(IN_THE_ORDER_OF_THE_FEED, String.class);
    }

    private void use() {
        test.ledger.handleAll(List.of(open("a"), open("b"), open("c")));
        TransactionTemplate slow = new TransactionTemplate(test.transactions);
        TransactionTemplate beside = new TransactionTemplate(test.transactions);
        beside.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
        slow.executeWithoutResult(status -> {
            test.ledger.handleAll(List.of(meter("a", 1, "1")));
            beside.executeWithoutResult(other -> test.ledger.handleAll(List.of(meter("b", 1, "2"))));
            test.ledger.handleAll(List.of(meter("a", 2, "3")));
        });
    }

    private Subscription reader() {
        return test.feed.subscribe(
                "a-reader",
                Set.of(InstanceEvent.HourMetered.class, InstanceEvent.InstanceFrozen.class),
                batch -> batch.forEach(stored -> read.add(stored.event())));
    }

    private LogicalCopy copy() {
        return new LogicalCopy(test.jdbc, test.transactions);
    }

    @Test
    void a_service_does_not_start_on_a_ledger_that_was_moved_and_says_what_to_do() {
        use();
        LedgerSchema.migrate(test.dataSource);
        copyLogically();

        assertThatThrownBy(() -> test.ledger.handle(freeze("a", hour(5).start())))
                .isInstanceOf(LedgerUnavailableException.class);
        assertThatThrownBy(() -> LedgerSchema.migrate(test.dataSource))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("moved to this PostgreSQL by a logical copy")
                .hasMessageContaining("./metering ledger move");
    }

    @Test
    void once_moved_it_is_written_and_read_in_its_order_and_every_reader_goes_on_where_it_was() {
        use();
        Subscription before = reader();
        await().until(before::caughtUp);
        before.close();
        test.ledger.handle(meter("c", 1, "4"));
        List<String> order = feed();
        copyLogically();

        assertThat(copy().rebase()).isEqualTo(order.size());

        LedgerSchema.migrate(test.dataSource);
        assertThat(feed()).isEqualTo(order);
        assertThat(read).hasSize(3);
        Subscription after = reader();
        assertThat(test.ledger.handle(freeze("a", hour(5).start()))).isInstanceOf(Decision.Done.class);
        await().until(after::caughtUp);
        assertThat(read.subList(3, read.size()))
                .extracting(InstanceEvent::instanceId)
                .as("what was new to the reader, and nothing again")
                .containsExactly("c", "a");
        assertThat(feed()).hasSize(order.size() + 1).startsWith(order.toArray(String[]::new));
        test.projections.start();
        await().until(test.projections::caughtUp);
    }

    /** The transaction ids tell nothing: this server has seen more of them than the other one. */
    @Test
    void a_service_does_not_start_on_a_copy_without_its_sequences_and_says_what_to_do() {
        use();
        LedgerSchema.migrate(test.dataSource);
        test.jdbc.update("alter table ledger.event alter column position restart with 1");

        assertThatThrownBy(() -> LedgerSchema.migrate(test.dataSource))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("without its sequences")
                .hasMessageContaining("ledger.event")
                .hasMessageContaining("./metering ledger move");

        copy().rebase();
        LedgerSchema.migrate(test.dataSource);
        assertThat(test.ledger.handle(freeze("a", hour(5).start()))).isInstanceOf(Decision.Done.class);
    }

    @Test
    void a_ledger_may_be_moved_again() {
        use();
        for (int move = 0; move < 2; move++) {
            copyLogically();
            List<String> order = feed();
            copy().rebase();
            assertThat(feed()).isEqualTo(order);
            assertThat(test.ledger.handle(meter("c", move + 1, "4"))).isInstanceOf(Decision.Done.class);
        }
        List<String> differences = new ArrayList<>();
        new SnapshotStore(test.jdbc, test.transactions)
                .compare((instance, difference) -> differences.add(instance + ": " + difference), events -> {});
        assertThat(differences).isEmpty();
    }
}
