package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.OPENED;
import static io.hourledger.ledger.instance.Given.doubt;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.release;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.InstanceEvent.RemainderWrittenOff;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReported;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class InstanceTest extends InstanceHistory {

    @Test
    void an_instance_opened_again_for_the_same_order_and_product_is_the_same_instance() {
        when(open("i"));
        assertThat(when(open("i"))).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void an_instance_is_never_opened_for_another_product() {
        when(open("i"));
        Product other = new Product("P-2", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        assertThat(when(open("i", other, false, OPENED))).isInstanceOf(Decision.Refused.class);
    }

    @Test
    void nothing_is_decided_for_an_instance_nobody_opened() {
        assertThat(when(meter("i", 0, "1"))).isInstanceOf(Decision.UnknownInstance.class);
    }

    @Test
    void a_metered_hour_issues_its_record_in_the_same_decision() {
        when(open("i"));
        UsageRecordIssued record = only(UsageRecordIssued.class, when(meter("i", 5, "1.23456")));

        assertThat(record.record().meteringSn()).isEqualTo(sn("i", 5).value());
        assertThat(record.window().begin()).isEqualTo(hour(5).start());
        assertThat(record.window().end()).isEqualTo(hour(5).end());
        assertThat(record.amount()).isEqualByComparingTo("1.2345");
        assertThat(record.carried()).isEqualByComparingTo("0.00006");
        assertThat(record.recordTime()).isEqualTo(hour(5).end().plusSeconds(120));
    }

    @Test
    void what_does_not_fit_into_four_decimals_is_carried_to_the_next_record() {
        when(open("i"));
        when(meter("i", 1, "0.00006"));
        UsageRecordIssued record = only(UsageRecordIssued.class, when(meter("i", 2, "0.00006")));
        assertThat(record.amount()).isEqualByComparingTo("0.0001");
        assertThat(record.carried()).isEqualByComparingTo("0.00002");
    }

    @Test
    void an_amount_too_small_for_a_record_is_only_carried() {
        when(open("i"));
        assertThat(types(when(meter("i", 1, "0.00009")))).containsExactly(HourMetered.class);
        assertThat(state.totals().in(Account.CARRIED)).isEqualByComparingTo("0.00009");
    }

    @Test
    void an_hour_metered_again_with_the_same_amount_was_done_already() {
        when(open("i"));
        when(meter("i", 1, "3"));
        assertThat(when(meter("i", 1, "3.00"))).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void an_hour_metered_again_with_another_amount_is_refused() {
        when(open("i"));
        when(meter("i", 1, "3"));
        assertThat(rule(when(meter("i", 1, "4")))).isEqualTo("hour-metered-otherwise");
    }

    @Test
    void an_hour_before_one_that_was_metered_is_refused() {
        when(open("i"));
        when(meter("i", 4, "3"));
        assertThat(rule(when(meter("i", 3, "4")))).isEqualTo("hours-in-order");
    }

    @Test
    void an_hour_counted_by_another_meter_is_refused() {
        when(open(
                "i",
                new Product("P", "requests", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY),
                false,
                OPENED));
        assertThat(rule(when(meter("i", 1, "4")))).isEqualTo("wrong-meter");
    }

    @Test
    void an_hour_of_another_meter_is_no_repeat_of_a_metered_one_with_an_equal_amount() {
        when(open(
                "i",
                new Product("P", "requests", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY),
                false,
                OPENED));
        MeterHour egress = meter("i", 1, "4");
        when(new MeterHour(
                egress.instanceId(),
                egress.hour(),
                egress.revision(),
                new CountedBy("requests", egress.countedBy().catalogueVersion()),
                egress.amount(),
                egress.events(),
                egress.log(),
                egress.closedAt()));
        assertThat(rule(when(egress))).isEqualTo("wrong-meter");
    }

    @Test
    void an_instance_for_debugging_is_not_opened_for_real_as_well() {
        when(open("i", Given.EGRESS, true, OPENED));
        assertThat(when(open("i", Given.EGRESS, true, OPENED))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(rule(when(open("i", Given.EGRESS, false, OPENED)))).isEqualTo("opened-otherwise");
    }

    @Test
    void a_test_instance_is_metered_and_never_billed() {
        when(open("i", Given.EGRESS, true, OPENED));
        assertThat(only(UsageWithheld.class, when(meter("i", 1, "4"))).reason()).isEqualTo(WithholdReason.TEST);
    }

    @Test
    void an_instance_without_a_marketplace_is_metered_and_never_billed_whatever_a_person_orders() {
        DecidedBy anna = new DecidedBy("anna", "a trial");
        OpenInstance trial = OpenInstance.unsold(new InstanceId("i"), Given.EGRESS, "trial-user", anna, OPENED);
        InstanceOpened opened = only(InstanceOpened.class, when(trial));
        assertThat(opened.openedBy()).isEqualTo("anna");
        assertThat(opened.openedWhy()).isEqualTo("a trial");
        assertThat(when(trial)).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(rule(when(open("i")))).as("the order of a buyer").isEqualTo("opened-otherwise");

        assertThat(only(UsageWithheld.class, when(meter("i", 1, "4"))).reason())
                .isEqualTo(WithholdReason.NO_MARKETPLACE);
        assertThat(rule(when(new AddPackage(new InstanceId("i"), "p", BigDecimal.TEN, OPENED))))
                .isEqualTo(WithholdReason.NO_MARKETPLACE);
    }

    @Test
    void a_product_sold_by_period_is_metered_and_never_billed() {
        when(open(
                "i",
                new Product("P", "egress", ChargingMode.PERIOD, PricingMode.FIXED, BillingCycle.HOURLY),
                false,
                OPENED));
        assertThat(only(UsageWithheld.class, when(meter("i", 1, "4"))).reason())
                .isEqualTo(WithholdReason.NOT_PAY_PER_USE);
    }

    @Test
    void the_opening_hours_record_begins_at_the_first_whole_second_of_the_life() {
        Instant opened = OPENED.plusMillis(60_001);
        when(open("i", Given.EGRESS, false, opened));
        UsageRecordIssued record = only(
                UsageRecordIssued.class,
                when(meter("i", hour(0), 0, "4", opened, hour(0).end().minusMillis(1))));
        assertThat(record.window().begin()).isEqualTo(OPENED.plusSeconds(61));
        assertThat(record.window().end()).isEqualTo(hour(0).end());
    }

    @Test
    void usage_from_before_the_opening_is_held() {
        when(open("i", Given.EGRESS, false, OPENED.plusSeconds(60)));
        assertThat(only(UsageWithheld.class, when(meter("i", 0, "4"))).reason()).isEqualTo(WithholdReason.MIXED_HOUR);
    }

    @Test
    void the_releasing_hours_record_ends_at_the_last_whole_second_of_the_life() {
        when(open("i"));
        when(release("i", hour(3).start().plusMillis(90_500)));
        UsageRecordIssued record = only(
                UsageRecordIssued.class,
                when(meter(
                        "i", hour(3), 0, "4", hour(3).start(), hour(3).start().plusSeconds(90))));
        assertThat(record.window().end()).isEqualTo(hour(3).start().plusSeconds(90));
    }

    @Test
    void usage_after_the_release_is_metered_and_withheld() {
        when(open("i"));
        when(release("i", hour(3).start()));
        assertThat(only(UsageWithheld.class, when(meter("i", 3, "4"))).reason())
                .isEqualTo(WithholdReason.AFTER_RELEASE);
    }

    @Test
    void what_is_left_after_the_last_record_of_a_released_instance_is_written_off() {
        when(open("i"));
        Instant released = hour(3).start().plusSeconds(1800);
        when(release("i", released));
        RemainderWrittenOff remainder = only(
                RemainderWrittenOff.class,
                when(meter("i", hour(3), 0, "1.00007", hour(3).start(), released.minusSeconds(1))));
        assertThat(remainder.amount()).isEqualByComparingTo("0.00007");
        assertThat(state.totals().in(Account.CARRIED)).isZero();
    }

    @Test
    void an_amount_above_the_largest_is_cut_into_adjoining_windows() {
        when(open("i"));
        List<UsageRecordIssued> records = all(UsageRecordIssued.class, when(meter("i", 1, "250000000.00005")));
        assertThat(records).hasSize(3);
        assertThat(records.get(0).window().begin()).isEqualTo(hour(1).start());
        assertThat(records.get(1).window().begin())
                .isEqualTo(records.get(0).window().end());
        assertThat(records.get(2).window().begin())
                .isEqualTo(records.get(1).window().end());
        assertThat(records.get(2).window().end()).isEqualTo(hour(1).end());
        assertThat(records.stream().map(UsageRecordIssued::amount).reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo("250000000");
        assertThat(records.get(2).carried()).isEqualByComparingTo("0.00005");
    }

    @Test
    void an_amount_for_which_an_hour_has_too_few_seconds_is_withheld() {
        when(open("i"));
        assertThat(only(UsageWithheld.class, when(meter("i", 1, "1E+30"))).reason())
                .isEqualTo(WithholdReason.NO_WINDOW_LEFT);
    }

    @Test
    void late_usage_of_a_new_account_is_held() {
        when(open("i"));
        when(meter("i", 1, "4"));
        assertThat(only(UsageWithheld.class, when(meter("i", 1, 1, "2"))).reason())
                .isEqualTo(WithholdReason.LATE_WINDOW);
    }

    @Test
    void late_usage_can_go_into_a_window_one_second_shorter_each_time() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(open("i"));
        when(meter("i", 1, "4"));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, 1, "2")))
                        .window()
                        .end())
                .isEqualTo(hour(1).end().minusSeconds(1));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, 2, "2")))
                        .window()
                        .end())
                .isEqualTo(hour(1).end().minusSeconds(2));
    }

    @Test
    void late_usage_can_go_into_the_seconds_that_first_records_leave_free() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.RESERVED_TAIL);
        when(open("i"));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, "4")))
                        .window()
                        .end())
                .isEqualTo(hour(1).end().minusSeconds(60));
        UsageRecordIssued late = only(UsageRecordIssued.class, when(meter("i", 1, 1, "2")));
        assertThat(late.window().begin()).isEqualTo(hour(1).end().minusSeconds(60));
        assertThat(late.window().end()).isEqualTo(hour(1).end().minusSeconds(59));
    }

    @Test
    void a_late_revision_finds_the_windows_of_an_hour_the_state_has_forgotten() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(open("i"));
        for (int hour = 1; hour < 20; hour++) {
            when(meter("i", hour, "4"));
            when(report("i", sn("i", hour)));
        }
        assertThat(state.recent().hours()).hasSize(RecentHours.STORED);
        assertThat(only(UsageRecordIssued.class, when(meter("i", 2, 1, "2")))
                        .window()
                        .end())
                .isEqualTo(hour(2).end().minusSeconds(1));
    }

    @Test
    void a_record_on_its_way_is_remembered_until_its_outcome_however_many_hours_follow() {
        when(open("i"));
        for (int hour = 1; hour < 20; hour++) {
            when(meter("i", hour, "4"));
        }
        for (int hour = 1; hour < 20; hour++) {
            assertThat(InstanceDecider.recallFor(state, report("i", sn("i", hour))))
                    .as("an outage of the marketplace makes no outcome read its instance's history")
                    .isEmpty();
            when(report("i", sn("i", hour)));
        }
        assertThat(state.recent().hours()).hasSize(RecentHours.STORED);
    }

    @Test
    void an_outage_of_weeks_does_not_make_an_instance_grow_for_ever() {
        when(open("i"));
        int hours = RecentHours.MOST_IN_FLIGHT + 10;
        for (int hour = 1; hour <= hours; hour++) {
            when(meter("i", hour, "4"));
        }
        assertThat(state.recent().hours()).hasSize(RecentHours.MOST_IN_FLIGHT + RecentHours.STORED);
        assertThat(InstanceDecider.recallFor(state, report("i", sn("i", 1)))).isPresent();
        when(report("i", sn("i", 1)));
        assertThat(state.totals().in(Account.REPORTED)).isEqualByComparingTo("4");
    }

    @Test
    void a_record_is_reported_once() {
        when(open("i"));
        when(meter("i", 1, "4"));
        UsageRecordReported reported = only(UsageRecordReported.class, when(report("i", sn("i", 1))));
        assertThat(reported.from()).isEqualTo("in-flight");
        assertThat(reported.amount()).isEqualByComparingTo("4");
        assertThat(when(report("i", sn("i", 1)))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(rule(when(refuse("i", sn("i", 1))))).isEqualTo("record-settled-otherwise");
    }

    @Test
    void a_doubtful_record_can_still_be_reported() {
        when(open("i"));
        when(meter("i", 1, "4"));
        when(doubt("i", sn("i", 1)));
        assertThat(only(UsageRecordReported.class, when(report("i", sn("i", 1))))
                        .from())
                .isEqualTo("unknown");
    }

    @Test
    void a_record_nobody_issued_is_refused() {
        when(open("i"));
        assertThat(rule(when(report("i", sn("i", 1))))).isEqualTo("no-such-record");
    }
}
