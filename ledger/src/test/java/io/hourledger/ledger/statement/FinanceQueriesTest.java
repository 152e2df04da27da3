package io.hourledger.ledger.statement;

import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.release;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static io.hourledger.ledger.instance.Given.writeOff;
import static io.hourledger.ledger.instance.Given.writeOffWithheld;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.store.EventExamplesOf;
import io.hourledger.ledger.store.TestLedger;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class FinanceQueriesTest {

    private static final YearMonth JANUARY = YearMonth.of(2026, 1);

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        test.close();
    }

    @BeforeEach
    void two_instances_and_three_hours() {
        test.projections.start();
        test.ledger.handleAll(List.of(open("a"), open("b")));
        test.ledger.handleAll(
                List.of(meter("a", 1, "1.00007"), meter("a", 2, "2.00005"), meter("b", 1, "5"), meter("a", 750, "3")));
        test.ledger.handleAll(List.of(report("a", sn("a", 1)), release("b", hour(2).start()), meter("b", 2, "7")));
        await().until(test.projections::caughtUp);
    }

    @Test
    void a_statement_has_a_line_for_each_record_and_for_what_is_withheld() {
        List<Statement.Line> lines = new ArrayList<>();
        Statement statement = new Statement(test.jdbc, test.transactions);
        statement.lines(new Statement.Scope(null, null, JANUARY), lines::add);
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0).record().state()).isEqualTo("reported");
        assertThat(lines.get(3).withheld().reason()).isEqualTo("after-release");
        lines.clear();
        statement.lines(new Statement.Scope(null, "buyer-a", null), lines::add);
        assertThat(lines)
                .hasSize(3)
                .allMatch(line -> line.instance().instanceId().equals("a"));
    }

    @Test
    void the_equation_of_every_instance_holds_and_a_wrong_projection_shows() {
        Statement statement = new Statement(test.jdbc, test.transactions);
        List<Statement.Equation> equations = new ArrayList<>();
        statement.equations(Statement.Scope.ALL, equations::add);
        assertThat(equations).hasSize(2).allMatch(Statement.Equation::holds);
        assertThat(equations.get(1).in(Account.WITHHELD)).isEqualByComparingTo("7");

        test.jdbc.update("update ledger.usage_record set amount = amount + 1 where instance_id = 'b'");
        equations.clear();
        statement.equations(new Statement.Scope("b", null, null), equations::add);
        assertThat(equations).hasSize(1).noneMatch(Statement.Equation::holds);
    }

    @Test
    void the_sums_of_a_month_are_of_its_hours_alone_and_what_is_carried_is_what_remains() {
        Statement statement = new Statement(test.jdbc, test.transactions);
        List<HoursSum> sums = new ArrayList<>();
        statement.sums(new Statement.Scope(null, null, JANUARY), Statement.Grouping.BUYER_AND_METER, sums::add);
        assertThat(sums).extracting(sum -> sum.instance().buyerId()).containsExactly("buyer-a", "buyer-b");
        assertThat(sums.get(0).metered()).isEqualByComparingTo("3.00012");
        assertThat(sums.get(0).in(Account.REPORTED)).isEqualByComparingTo("1");
        assertThat(sums.get(0).in(Account.IN_FLIGHT).add(sums.get(0).carriedOn()))
                .isEqualByComparingTo("2.00012");
        assertThat(sums.get(1).metered()).isEqualByComparingTo("12");
        assertThat(sums.get(1).in(Account.WITHHELD)).isEqualByComparingTo("7");

        List<HoursSum> byInstance = new ArrayList<>();
        statement.sums(new Statement.Scope(null, null, null), Statement.Grouping.INSTANCE, byInstance::add);
        assertThat(byInstance).extracting(sum -> sum.instance().instanceId()).containsExactly("a", "b");
        assertThat(byInstance.get(0).metered()).isEqualByComparingTo("6.00012");
    }

    @Test
    void what_was_withheld_and_given_up_is_told_apart_from_records_that_were_given_up() {
        test.ledger.handleAll(List.of(writeOffWithheld("b", 2, 0), writeOff("b", sn("b", 1))));
        await().until(test.projections::caughtUp);
        List<HoursSum> sums = new ArrayList<>();
        new Statement(test.jdbc, test.transactions)
                .sums(new Statement.Scope("b", null, JANUARY), Statement.Grouping.BUYER_AND_METER, sums::add);
        assertThat(sums).hasSize(1);
        HoursSum sum = sums.get(0);
        assertThat(sum.withheldWrittenOff()).isEqualByComparingTo("7");
        assertThat(sum.in(Account.WITHHELD)).isEqualByComparingTo("0");
        assertThat(sum.in(Account.WRITTEN_OFF).subtract(sum.withheldWrittenOff()))
                .isGreaterThanOrEqualTo(BigDecimal.ZERO);
        assertThat(sum.carriedOn()).isEqualByComparingTo("0");
    }

    @Test
    void an_instance_can_be_seen_as_it_was() {
        InstanceTimeline timeline = new InstanceTimeline(test.jdbc, test.transactions, test.json);
        InstanceTimeline.Shown then = timeline.show(new InstanceId("a"), at(2, 200));
        assertThat(then.entries()).hasSize(3);
        assertThat(then.state().totals().metered()).isEqualByComparingTo("1.00007");
        assertThat(timeline.show(new InstanceId("a"), null).entries()).hasSize(8);
        assertThat(timeline.show(new InstanceId("nobody"), null).state()).isNull();
    }

    @Test
    void every_kind_of_event_says_when_it_happened() {
        for (String payload : EventExamplesOf.payloads(test.json)) {
            assertThat(test.jdbc.queryForObject(
                            "select " + InstanceTimeline.BUSINESS_TIME + " is not null from (select ?::jsonb as p) e",
                            Boolean.class,
                            payload))
                    .as(payload)
                    .isTrue();
        }
    }

    @Test
    void what_changed_between_two_views_of_a_month_is_listed() {
        Instant view = at(700, 0);
        test.ledger.handleAll(List.of(meter("a", 1, 1, "1")));
        List<MonthDiff.Change> changes = new ArrayList<>();
        new MonthDiff(test.jdbc, test.transactions).changes(JANUARY, at(2, 3000), view, changes::add);
        assertThat(changes)
                .extracting(change -> change.occurrence().type())
                .contains("hour-metered", "usage-record-issued", "usage-record-reported", "usage-withheld");
        changes.clear();
        new MonthDiff(test.jdbc, test.transactions).changes(JANUARY, view, at(900, 0), changes::add);
        assertThat(changes).isEmpty();
    }

    @Test
    void a_record_is_traced_to_its_hours_and_to_their_offsets() {
        RecordTrace.Traced traced =
                new RecordTrace(test.jdbc, test.transactions).trace(sn("a", 2)).orElseThrow();
        assertThat(traced.record().amount()).isEqualByComparingTo("2.0001");
        assertThat(traced.sources()).hasSize(2);
        assertThat(traced.sources().get(0).own()).isTrue();
        assertThat(traced.sources().get(0).log().firstOffset()).isEqualTo(1000);
        assertThat(traced.sources().get(1).hour()).isEqualTo(hour(1).start());
    }
}
