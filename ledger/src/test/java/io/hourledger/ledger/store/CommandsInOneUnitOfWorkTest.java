package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.OPENED;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.SellerPolicies;
import io.hourledger.ledger.instance.SellerPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Many commands are many commands on Axon's bus, and one transaction. */
@Tag("servers")
class CommandsInOneUnitOfWorkTest {

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        assertThat(CurrentUnitOfWork.isStarted()).isFalse();
        assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                .isFalse();
        test.close();
    }

    @Test
    void axon_sees_every_command_of_a_call() {
        test.ledger.handleAll(List.of(open("a"), open("b"), meter("a", 1, "1"), meter("nobody", 1, "1"), open("a")));
        assertThat(timed("successTimer", "OpenInstance")).isEqualTo(3);
        assertThat(timed("successTimer", "MeterHour")).isEqualTo(1);
        assertThat(timed("failureTimer", "MeterHour")).isEqualTo(1);
    }

    /** Such as one that an error inside of Axon's own handling of an error left on the thread. */
    @Test
    void a_command_inside_of_another_unit_of_work_is_refused_and_not_answered_as_done() {
        DefaultUnitOfWork<?> left = DefaultUnitOfWork.startAndGet(new GenericMessage<>("left"));
        try {
            assertThatThrownBy(() -> test.ledger.handle(open("a")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("inside of another command");
        } finally {
            left.rollback();
        }
        assertThat(test.jdbc.queryForObject("select count(*) from ledger.event", Long.class))
                .isZero();
    }

    /** The marketplace would be told that it does not exist, for good. */
    @Test
    void an_instance_whose_state_is_missing_is_not_called_unknown() {
        test.ledger.handle(open("a"));
        test.jdbc.update("delete from ledger.instance_snapshot");
        assertThatThrownBy(() -> test.ledger.handle(meter("a", 1, "1"))).isInstanceOf(LedgerUnavailableException.class);
    }

    @Test
    void a_later_command_of_an_instance_meets_what_an_earlier_one_changed() {
        List<Decision> decisions = test.ledger.handleAll(List.of(
                meter("a", 1, "1"),
                open("a"),
                meter("a", 1, "1.5"),
                meter("a", 1, "1.5"),
                meter("b", 1, "1"),
                meter("a", 1, "2"),
                report("a", sn("a", 1)),
                report("a", sn("a", 1))));
        assertThat(decisions)
                .extracting(Decision::getClass)
                .map(Class::getSimpleName)
                .containsExactly(
                        "UnknownInstance",
                        "Done",
                        "Done",
                        "AlreadyDone",
                        "UnknownInstance",
                        "Refused",
                        "Done",
                        "AlreadyDone");
        assertThat(test.table.stream("a", 0))
                .isEqualTo(decisions.stream()
                        .flatMap(decision -> decision.events().stream())
                        .toList());
    }

    @Test
    void an_opening_that_is_refused_leaves_no_instance_to_the_commands_behind_it() {
        Product aPackage =
                new Product("P-PKG", "egress", ChargingMode.ON_DEMAND_PKG, PricingMode.FIXED, BillingCycle.HOURLY);
        assertThat(test.ledger.handleAll(List.of(
                        open("a", aPackage, false, OPENED),
                        meter("a", 1, "1"),
                        open("a"),
                        meter("a", 1, "1"),
                        open("b", aPackage, false, OPENED))))
                .extracting(Decision::getClass)
                .map(Class::getSimpleName)
                .containsExactly("Refused", "UnknownInstance", "Done", "Done", "Refused");
        assertThat(test.table.stream("a", 0)).hasSize(3);
        assertThat(test.table.stream("b", 0)).isEmpty();
    }

    @Test
    void states_are_read_and_events_appended_as_often_for_many_instances_as_for_one() {
        AtomicInteger statements = new AtomicInteger();
        JdbcTemplate counting = new JdbcTemplate(test.dataSource) {
            @Override
            public <T> T execute(ConnectionCallback<T> action) {
                statements.incrementAndGet();
                return super.execute(action);
            }
        };
        PostgresLedger ledger = ledger(counting, account -> SellerPolicy.CAUTIOUS, test.transactions);
        ledger.handleAll(List.of(open("a")));
        int forOne = statements.getAndSet(0);
        List<InstanceCommand> many = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            many.add(open("i" + i));
            many.add(meter("i" + i, 1, "1"));
        }
        assertThat(ledger.handleAll(many)).hasSize(1000).allMatch(Decision.Done.class::isInstance);
        assertThat(statements).hasValue(forOne);
    }

    @Test
    void a_bug_in_one_decision_leaves_nothing_of_the_others_and_the_callers_work_as_it_was() {
        test.ledger.handle(open("known"));
        SellerPolicies faulty = account -> {
            throw new AssertionError("a bug");
        };
        PostgresLedger ledger = ledger(test.jdbc, faulty, test.transactions);
        List<InstanceCommand> commands = List.of(open("new"), meter("known", 1, "1"));
        assertThatThrownBy(() -> ledger.handleAll(commands)).hasMessage("a bug");
        new TransactionTemplate(test.transactions).executeWithoutResult(status -> {
            test.ledger.handle(open("of-the-caller"));
            assertThatThrownBy(() -> ledger.handleAll(commands)).hasMessage("a bug");
        });
        assertThat(test.jdbc.queryForList("select instance_id from ledger.event order by position", String.class))
                .containsExactly("known", "of-the-caller");
    }

    @Test
    void a_commit_that_ends_in_an_error_leaves_no_transaction_behind() {
        PlatformTransactionManager failing = new JdbcTransactionManager(test.dataSource) {
            @Override
            protected void prepareForCommit(DefaultTransactionStatus status) {
                throw new AssertionError("out of memory, say");
            }
        };
        PostgresLedger ledger = ledger(test.jdbc, account -> SellerPolicy.CAUTIOUS, failing);
        assertThatThrownBy(() -> ledger.handleAll(List.of(open("a")))).hasMessage("out of memory, say");
        assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                .isFalse();
        assertThat(test.table.stream("a", 0)).isEmpty();
        assertThat(test.ledger.handle(open("a"))).isInstanceOf(Decision.Done.class);
    }

    private PostgresLedger ledger(JdbcTemplate jdbc, SellerPolicies policies, PlatformTransactionManager transactions) {
        return new PostgresLedger(
                new EventTable(jdbc, test.json, TestLedger.DIGESTS), new InstanceDecider(policies), transactions);
    }

    private long timed(String timer, String command) {
        return test.metrics
                .get(AxonCommands.COMMANDS + "." + timer)
                .tag("command", command)
                .timer()
                .count();
    }
}
