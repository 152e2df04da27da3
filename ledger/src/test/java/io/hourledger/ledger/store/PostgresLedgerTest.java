package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.dispute;
import static io.hourledger.ledger.instance.Given.doubt;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.reissue;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.InstanceState;
import io.hourledger.ledger.instance.Totals;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.support.TransactionTemplate;

@Tag("servers")
class PostgresLedgerTest {

    private final TestLedger test = new TestLedger();
    private final PostgresLedger ledger = test.ledger;

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void many_commands_are_decided_in_their_order_and_kept_together() {
        List<Decision> decisions = ledger.handleAll(List.of(
                open("a"),
                open("b"),
                meter("a", 1, "1.5"),
                meter("c", 1, "1"),
                meter("a", 2, "2"),
                meter("a", 1, "9")));

        assertThat(decisions.get(0)).isInstanceOf(Decision.Done.class);
        assertThat(decisions.get(2)).isInstanceOf(Decision.Done.class);
        assertThat(decisions.get(3)).isInstanceOf(Decision.UnknownInstance.class);
        assertThat(decisions.get(4)).isInstanceOf(Decision.Done.class);
        assertThat(decisions.get(5)).isInstanceOf(Decision.Refused.class);
        assertThat(test.table.stream("a", 0)).hasSize(5);
    }

    @Test
    void a_single_command_through_axon_meets_the_same_instance() {
        assertThat(ledger.handle(meter("a", 1, "1"))).isInstanceOf(Decision.UnknownInstance.class);
        assertThat(ledger.handle(open("a"))).isInstanceOf(Decision.Done.class);
        assertThat(ledger.handle(open("a"))).isInstanceOf(Decision.AlreadyDone.class);
        ledger.handleAll(List.of(meter("a", 1, "1.00005")));
        assertThat(ledger.handle(meter("a", 1, "1.00005"))).isInstanceOf(Decision.AlreadyDone.class);
        Decision decision = ledger.handle(meter("a", 2, "1.00005"));
        assertThat(((Decision.Done) decision).events().get(1))
                .isInstanceOfSatisfying(UsageRecordIssued.class, record -> assertThat(record.amount())
                        .isEqualByComparingTo("1.0001"));
        assertThat(ledger.handleAll(List.of(report("a", sn("a", 2)))).get(0)).isInstanceOf(Decision.Done.class);
        assertStatesAreTheFoldsOfTheirStreams();
    }

    @Test
    void a_single_command_reads_the_kept_state_and_not_the_history() {
        ledger.handle(open("a"));
        for (int hour = 0; hour < 10; hour++) {
            ledger.handleAll(List.of(meter("a", hour, "1"), report("a", sn("a", hour))));
        }
        test.jdbc.update("delete from ledger.event where instance_id = 'a' and sequence_number < 28");

        assertThat(ledger.handle(meter("a", 10, "1"))).isInstanceOf(Decision.Done.class);
        assertThat(ledger.handle(report("a", sn("a", 10)))).isInstanceOf(Decision.Done.class);
        assertThat(test.jdbc.queryForObject("select max(sequence_number) from ledger.event", Long.class))
                .isEqualTo(33);
    }

    @Test
    void a_single_command_recalls_what_the_kept_state_has_forgotten() {
        for (String id : List.of("a", "b")) {
            ledger.handle(open(id));
            for (int hour = 0; hour < 10; hour++) {
                ledger.handleAll(List.of(meter(id, hour, "1")));
            }
        }
        List<List<InstanceCommand>> ofBoth = Stream.of("a", "b")
                .map(id -> List.<InstanceCommand>of(
                        meter(id, 0, "1"),
                        meter(id, 0, "2"),
                        meter(id, 1, 1, "0.5"),
                        report(id, sn(id, 0)),
                        report(id, sn(id, 0)),
                        dispute(id, sn(id, 0)),
                        reissue(id, sn(id, 0)),
                        meter(id, 10, "1")))
                .toList();
        List<Decision> alone = ofBoth.get(0).stream().map(ledger::handle).toList();
        List<Decision> together = ledger.handleAll(ofBoth.get(1));

        assertThat(alone)
                .extracting(Object::getClass)
                .isEqualTo(together.stream().map(Object::getClass).toList());
        assertThat(alone.get(0)).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(alone.get(3)).isInstanceOf(Decision.Done.class);
        assertThat(alone.get(4)).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(alone.get(6)).isInstanceOf(Decision.Done.class);
        assertStatesAreTheFoldsOfTheirStreams();
        assertThat(totals("a")).isEqualTo(totals("b"));
    }

    /** After an outage: whatever is asked first, and whatever the batch itself has changed since. */
    @Test
    void what_a_batch_recalls_of_many_old_hours_is_what_each_command_would_recall_alone() {
        for (String id : List.of("a", "b")) {
            ledger.handle(open(id));
            for (int hour = 0; hour < 20; hour++) {
                ledger.handleAll(List.of(meter(id, hour, "1")));
            }
        }
        List<List<InstanceCommand>> ofBoth = Stream.of("a", "b")
                .map(id -> List.<InstanceCommand>of(
                        report(id, sn(id, 9)),
                        report(id, sn(id, 4)),
                        report(id, sn(id, 9)),
                        meter(id, 4, 1, "0.5"),
                        meter(id, 2, "1"),
                        report(id, sn(id, 12)),
                        report(id, sn(id, 0)),
                        report(id, sn(id, 4)),
                        dispute(id, sn(id, 9)),
                        reissue(id, sn(id, 9)),
                        report(id, sn(id, 19)),
                        report(id, sn(id, 5))))
                .toList();
        List<Decision> alone = ofBoth.get(0).stream().map(ledger::handle).toList();
        List<Decision> together = ledger.handleAll(ofBoth.get(1));

        assertThat(together)
                .extracting(Object::getClass)
                .isEqualTo(alone.stream().map(Object::getClass).toList());
        assertThat(alone.get(2)).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(alone.get(9)).isInstanceOf(Decision.Done.class);
        assertThat(alone.get(11)).isInstanceOf(Decision.Done.class);
        assertStatesAreTheFoldsOfTheirStreams();
        assertThat(totals("a")).isEqualTo(totals("b"));
    }

    private Totals totals(String id) {
        return test.queries.instance(new InstanceId(id)).orElseThrow().totals();
    }

    @Test
    void the_state_beside_a_stream_is_the_fold_of_the_stream() {
        Random random = new Random(7);
        List<InstanceCommand> commands = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            commands.add(open("i" + i));
        }
        for (int hour = 0; hour < 40; hour++) {
            for (int i = 0; i < 5; i++) {
                commands.add(meter("i" + i, hour, random.nextInt(100_000) + ".123456"));
                commands.add(meter("i" + i, random.nextInt(hour + 1), 1 + random.nextInt(3), "3.3333333"));
                commands.add(report("i" + i, sn("i" + i, random.nextInt(hour + 1))));
                commands.add(doubt("i" + i, sn("i" + i, random.nextInt(hour + 1))));
            }
        }
        for (int from = 0; from < commands.size(); from += 50) {
            ledger.handleAll(commands.subList(from, Math.min(from + 50, commands.size())));
        }
        assertStatesAreTheFoldsOfTheirStreams();
    }

    @Test
    void two_writers_of_the_same_instances_lose_nothing() throws Exception {
        ledger.handleAll(List.of(open("a"), open("b"), open("c")));
        ExecutorService writers = Executors.newFixedThreadPool(3);
        List<Future<?>> done = new ArrayList<>();
        for (int writer = 0; writer < 3; writer++) {
            int mine = writer;
            done.add(writers.submit(() -> {
                for (int revision = 0; revision < 30; revision++) {
                    int hour = 100 + mine;
                    List<InstanceCommand> batch = List.of(
                            meter("c", hour, 100 + revision, "1"),
                            meter("a", hour, 100 + revision, "1"),
                            meter("b", hour, 100 + revision, "1"));
                    assertThat(untilTaken(batch)).allMatch(Decision.Done.class::isInstance);
                    assertThat(ledger.handle(meter("a", hour, 100 + revision, "1")))
                            .isInstanceOf(Decision.AlreadyDone.class);
                }
            }));
        }
        for (Future<?> writer : done) {
            writer.get();
        }
        writers.shutdown();
        assertThat(test.queries
                        .instance(new InstanceId("a"))
                        .orElseThrow()
                        .totals()
                        .metered())
                .isEqualByComparingTo("90");
        assertStatesAreTheFoldsOfTheirStreams();
    }

    /** Three writers without a pause may be faster than one of them for longer than a call waits; then nothing has happened, and it is sent again. */
    private List<Decision> untilTaken(List<InstanceCommand> commands) {
        while (true) {
            try {
                return ledger.handleAll(commands);
            } catch (LedgerUnavailableException othersWereFaster) {
                assertThat(othersWereFaster).hasMessageContaining("faster");
            }
        }
    }

    @Test
    void an_outer_transaction_that_rolls_back_takes_the_events_with_it() {
        new TransactionTemplate(test.transactions).executeWithoutResult(status -> {
            assertThat(ledger.handleAll(List.of(open("a"))).get(0)).isInstanceOf(Decision.Done.class);
            status.setRollbackOnly();
        });
        assertThat(test.queries.known(List.of(new InstanceId("a")))).isEmpty();
    }

    @Test
    void a_transaction_that_began_to_write_before_another_one_appended_may_not_append_behind_it() {
        ledger.handle(open("a"));
        TransactionTemplate outer = new TransactionTemplate(test.transactions);
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> {
                    test.jdbc.queryForObject("select pg_current_xact_id()::text", String.class);
                    inAnotherTransaction(() -> ledger.handle(meter("a", 1, "1")));
                    ledger.handleAll(List.of(meter("a", 2, "1")));
                }))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessageContaining("must begin anew");
        assertThat(test.table.stream("a", 0)).hasSize(3);
        assertThat(conflicts()).as("tries that could only be lost").isEqualTo(1);
    }

    @Test
    void what_the_database_refuses_for_its_data_is_not_said_to_be_an_outage() {
        ledger.handle(open("a"));
        test.jdbc.execute(
                "alter table ledger.event add constraint no_hours check (event_type <> 'hour-metered') not valid");

        assertThatThrownBy(() -> ledger.handleAll(List.of(meter("a", 1, "1"), meter("b", 1, "1"))))
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThatThrownBy(() -> ledger.handle(meter("a", 1, "1"))).isInstanceOf(DataIntegrityViolationException.class);
        assertThat(test.table.stream("a", 0)).hasSize(1);
    }

    @Test
    void an_instance_can_be_asked_for_as_it_is_now() {
        ledger.handleAll(List.of(open("a"), meter("a", 3, "2.5")));
        InstanceView view = test.queries.instance(new InstanceId("a")).orElseThrow();
        assertThat(view.origin().product().productId()).isEqualTo("P-EGRESS");
        assertThat(view.totals().metered()).isEqualByComparingTo("2.5");
        assertThat(view.meteredUntil()).isEqualTo(hour(3).end());
        assertThat(test.queries.instance(new InstanceId("b"))).isEmpty();
    }

    private double conflicts() {
        return test.metrics.get(WriterMetrics.CONFLICTS).counter().count();
    }

    private static void inAnotherTransaction(Runnable work) {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            thread.submit(work).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            thread.shutdown();
        }
    }

    private void assertStatesAreTheFoldsOfTheirStreams() {
        List<String> ids = test.jdbc.queryForList("select distinct instance_id from ledger.event", String.class);
        test.table.load(ids).forEach((id, stored) -> {
            InstanceState folded = null;
            List<InstanceEvent> stream = test.table.stream(id, 0);
            for (InstanceEvent event : stream) {
                folded = InstanceState.after(folded, event);
            }
            assertThat(stored.state()).isEqualTo(folded);
            assertThat(stored.sequenceNumber()).isEqualTo(stream.size() - 1);
            assertThat(folded.totals().balanced()).isTrue();
        });
    }
}
