package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.doubt;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.reissue;
import static io.hourledger.ledger.instance.Given.release;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.RecordToReport;
import io.hourledger.ledger.projection.LedgerReplay;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A record to report stands in the outbox from the transaction that issues it on, until a pusher takes it over or it has an outcome. */
@Tag("servers")
class OutboxTest {

    private static final String WITHOUT_OUTCOME =
            """
            select i.payload ->> 'meteringSn' from ledger.event i
            where i.event_type = 'usage-record-issued'
              and not exists (select 1 from ledger.event o
                  where o.event_type in ('usage-record-reported', 'usage-record-refused', 'usage-record-outcome-unknown')
                    and o.payload ->> 'meteringSn' = i.payload ->> 'meteringSn')
            order by 1""";

    private final TestLedger test = new TestLedger();
    private final TransactionTemplate transaction = new TransactionTemplate(test.transactions);
    private final Outbox outbox = new Outbox(JdbcClient.create(test.jdbc));

    @AfterEach
    void close() {
        test.close();
    }

    private List<String> inOutbox() {
        return test.jdbc.queryForList("select metering_sn from ledger.outbox order by 1", String.class);
    }

    private List<String> withoutOutcome() {
        return test.jdbc.queryForList(WITHOUT_OUTCOME, String.class);
    }

    @Test
    void a_record_stands_there_if_and_only_if_it_is_issued_and_has_no_outcome() {
        test.ledger.handleAll(
                List.of(open("a"), open("b"), meter("a", 1, "1"), meter("a", 2, "2"), meter("b", 1, "3")));
        test.ledger.handle(meter("b", 2, "4"));
        test.ledger.handleAll(List.of(meter("a", 3, "0.00001"), meter("a", 4, "5"), meter("b", 4, "250000000")));
        assertThat(inOutbox()).hasSize(8).isEqualTo(withoutOutcome());

        test.ledger.handle(report("a", sn("a", 1)));
        test.ledger.handleAll(List.of(refuse("a", sn("a", 2)), doubt("b", sn("b", 1))));
        assertThat(inOutbox()).hasSize(5).isEqualTo(withoutOutcome());

        test.ledger.handle(reissue("a", sn("a", 2)));
        assertThat(inOutbox()).hasSize(6).isEqualTo(withoutOutcome());

        transaction.executeWithoutResult(status -> {
            test.ledger.handleAll(List.of(meter("a", 5, "6")));
            status.setRollbackOnly();
        });
        assertThat(inOutbox()).isEqualTo(withoutOutcome());
    }

    @Test
    void it_says_what_the_event_says_and_how_soon_the_product_of_its_window_is_collected() {
        Product daily = new Product("P-DAILY", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.DAILY);
        test.ledger.handleAll(List.of(
                open("a"),
                new UpgradeInstance(new InstanceId("a"), "CS-2", daily, hour(2).start()),
                meter("a", 1, "1.5"),
                meter("a", 2, "2")));

        List<RecordToReport> records =
                Objects.requireNonNull(transaction.execute(status -> outbox.next(OrderLine.USUAL_ACCOUNT, null, 10)));
        assertThat(records)
                .extracting(RecordToReport::billingCycle)
                .containsExactly(BillingCycle.DAILY, BillingCycle.HOURLY);
        assertThat(records.getLast().record().amount()).isEqualTo("1.5000");
        assertThat(records.getLast().meteringSn()).isEqualTo(sn("a", 1).value());
        assertThat(records.getLast().hour()).isEqualTo(hour(1));
    }

    /** A record's time is that of its issue. Given meters an hour at its end; a person reissues in the third. */
    @Test
    void late_usage_and_what_a_person_decided_is_collected_with_the_hour_in_which_it_was_issued() {
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1")));
        test.ledger.handleAll(List.of(refuse("a", sn("a", 1)), reissue("a", sn("a", 1))));

        RecordToReport reissued = Objects.requireNonNull(
                        transaction.execute(status -> outbox.next(OrderLine.USUAL_ACCOUNT, null, 10)))
                .getFirst();
        assertThat(reissued.hour()).isEqualTo(hour(1));
        assertThat(reissued.collected().hour())
                .isEqualTo(UsageHour.of(reissued.recordTime()))
                .isNotEqualTo(hour(1));

        test.ledger.handle(meter("a", 2, "1"));
        assertThat(Objects.requireNonNull(transaction.execute(status -> outbox.next(OrderLine.USUAL_ACCOUNT, null, 1)))
                        .getFirst()
                        .collected()
                        .hour())
                .as("issued when its hour was metered")
                .isEqualTo(hour(2));
    }

    @Test
    void what_one_pusher_takes_over_no_other_takes() {
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1"), meter("a", 2, "2"), meter("a", 3, "3")));
        TransactionTemplate beside = new TransactionTemplate(test.transactions);
        beside.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
        transaction.executeWithoutResult(status -> {
            List<RecordToReport> mine = outbox.next(OrderLine.USUAL_ACCOUNT, null, 2);
            assertThat(mine).extracting(RecordToReport::hour).containsExactly(hour(3), hour(2));
            beside.executeWithoutResult(other -> assertThat(outbox.next(OrderLine.USUAL_ACCOUNT, null, 10))
                    .extracting(RecordToReport::hour)
                    .containsExactly(hour(1)));
            outbox.takenOver(mine.stream().map(RecordToReport::meteringSn).toList());
        });
        assertThat(inOutbox()).containsExactly(sn("a", 1).value());
    }

    @Test
    void the_newest_hours_come_first_and_a_step_goes_on_behind_the_one_before() {
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1"), meter("a", 2, "2"), meter("a", 3, "3")));
        transaction.executeWithoutResult(status -> {
            RecordToReport newest =
                    outbox.next(OrderLine.USUAL_ACCOUNT, null, 1).getFirst();
            assertThat(newest.hour()).isEqualTo(hour(3));
            assertThat(outbox.next(OrderLine.USUAL_ACCOUNT, Outbox.Place.of(newest), 10))
                    .extracting(RecordToReport::hour)
                    .containsExactly(hour(2), hour(1));
        });
    }

    @Test
    void a_replay_leaves_it_alone() {
        test.ledger.handleAll(
                List.of(open("a"), meter("a", 1, "1"), meter("a", 2, "2"), release("a", hour(3).start())));
        test.projections.start();
        await().until(test.projections::caughtUp);
        List<String> before = inOutbox();
        assertThat(new LedgerReplay(test.jdbc, test.transactions)
                        .run(events -> {})
                        .differences())
                .isEmpty();
        assertThat(inOutbox()).hasSize(2).isEqualTo(before);
    }
}
