package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.billWithheld;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.part;
import static io.hourledger.ledger.instance.Given.recount;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hourledger.contracts.instance.HourPart;
import io.hourledger.contracts.instance.InstanceCommand.EnterRecount;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceEvent.HourRecounted;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import io.hourledger.ledger.instance.WithheldEntry.Fate;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an hour is billed as follows from the product that was in force in it, whenever the hour is metered. */
@Tag("fast")
class ProductOfTheHourTest extends InstanceHistory {

    private static final Product BY_PERIOD =
            new Product("P-PERIOD", "egress", ChargingMode.PERIOD, PricingMode.FIXED, BillingCycle.HOURLY);
    private static final Product VOLUME =
            new Product("P-VOLUME", "egress", ChargingMode.ON_DEMAND, PricingMode.VOLUME, BillingCycle.HOURLY);
    private static final Product LARGER =
            new Product("P-LARGER", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    @BeforeEach
    void opened() {
        when(open("i"));
    }

    private void upgrade(String order, Product product, Instant at) {
        when(new UpgradeInstance(new InstanceId("i"), order, product, at));
    }

    @Test
    void an_hour_before_an_upgrade_is_billed_though_the_new_product_is_not_sold_by_use() {
        upgrade("CS-2", BY_PERIOD, at(2, 30));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, "4"))).amount())
                .isEqualByComparingTo("4");
        assertThat(only(UsageWithheld.class, when(meter("i", 3, "4"))).reason())
                .isEqualTo(WithholdReason.NOT_PAY_PER_USE);
    }

    @Test
    void an_hour_before_an_upgrade_to_a_product_sold_by_use_stays_unbilled() {
        upgrade("CS-2", BY_PERIOD, at(2, 0));
        upgrade("CS-3", LARGER, at(5, 0));
        assertThat(only(UsageWithheld.class, when(meter("i", 3, "4"))).reason())
                .isEqualTo(WithholdReason.NOT_PAY_PER_USE);
        assertThat(rule(when(billWithheld("i", 3, 0)))).isEqualTo("never-billed");
        assertThat(all(UsageRecordIssued.class, when(meter("i", 5, "4")))).hasSize(1);
    }

    @Test
    void the_pricing_of_the_hour_decides_about_a_further_record() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(meter("i", 1, "4"));
        upgrade("CS-2", VOLUME, at(2, 30));
        assertThat(all(UsageRecordIssued.class, when(meter("i", 1, 1, "2")))).hasSize(1);
    }

    @Test
    void an_hour_with_two_products_is_split_where_the_one_ends() {
        upgrade("CS-2", BY_PERIOD, at(2, 1800));
        assertThat(only(UsageWithheld.class, when(meter("i", 2, "10"))).reason())
                .isEqualTo(WithholdReason.MIXED_HOUR);
        assertThat(rule(when(recount("i", 2, part(at(2, 0), at(3, 0), "10"))))).isEqualTo("recount-parts");
        Decision split = when(recount("i", 2, part(at(2, 0), at(2, 1800), "7"), part(at(2, 1800), at(3, 0), "3")));
        UsageRecordIssued record = only(UsageRecordIssued.class, split);
        assertThat(record.amount()).isEqualByComparingTo("7");
        assertThat(record.window().end()).isEqualTo(at(2, 1800));
        assertThat(only(HourRecounted.class, split).nonBillable()).isEqualByComparingTo("3");
        assertThat(rule(when(billWithheld("i", 2, 0)))).isEqualTo("never-billed");
    }

    @Test
    void two_products_sold_by_use_get_a_record_each() {
        upgrade("CS-2", VOLUME, at(2, 1800));
        when(meter("i", 2, "10"));
        Decision split = when(recount("i", 2, part(at(2, 0), at(2, 1800), "7"), part(at(2, 1800), at(3, 0), "3")));
        assertThat(all(UsageRecordIssued.class, split))
                .extracting(record -> record.window().begin())
                .containsExactly(at(2, 0), at(2, 1800));
        assertThat(state.totals().in(Account.WITHHELD)).isZero();
    }

    @Test
    void a_later_revision_of_an_hour_with_two_products_is_split_whatever_its_own_events() {
        upgrade("CS-2", LARGER, at(2, 1800));
        when(meter("i", hour(2), 0, "7", at(2, 10), at(2, 20)));
        assertThat(only(UsageWithheld.class, when(meter("i", hour(2), 1, "1", at(2, 30), at(2, 40))))
                        .reason())
                .isEqualTo(WithholdReason.MIXED_HOUR);
    }

    /** A hundred units of the old product are worth ten of the new one, or the other way round. */
    @Test
    void a_credit_of_the_product_before_waits_for_a_person_and_lowers_no_record_of_the_next() {
        when(meter("i", 1, "100"));
        upgrade("CS-2", LARGER, at(3, 0));
        assertThat(only(UsageWithheld.class, when(meterLate("i", 1, 1, "-100", at(5, 0))))
                        .reason())
                .isEqualTo(WithholdReason.CREDIT_OF_ANOTHER_PRODUCT);
        assertThat(state.totals().in(Account.CARRIED)).isZero();
        assertThat(only(UsageRecordIssued.class, when(meter("i", 5, "150"))).amount())
                .isEqualByComparingTo("150");

        when(billWithheld("i", 1, 1));
        assertThat(state.totals().in(Account.CARRIED)).isEqualByComparingTo("-100");
        assertThat(state.totals().in(Account.WITHHELD)).isZero();
    }

    @Test
    void a_credit_of_the_product_in_force_lowers_the_next_record() {
        when(meter("i", 1, "100"));
        when(meterLate("i", 1, 1, "-40", at(5, 0)));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 5, "150"))).amount())
                .isEqualByComparingTo("110");
    }

    @Test
    void a_credit_that_was_carried_before_an_upgrade_lowers_no_record_of_the_next_product() {
        when(meter("i", 1, "100"));
        when(meter("i", 1, 1, "-40"));
        upgrade("CS-2", LARGER, at(3, 0));

        Decision next = when(meter("i", 3, "150"));
        assertThat(only(UsageRecordIssued.class, next).amount()).isEqualByComparingTo("150");
        UsageWithheld credit = only(UsageWithheld.class, next);
        assertThat(credit.hour()).isEqualTo(at(1, 0));
        assertThat(credit.revision()).isEqualTo(1);
        assertThat(credit.amount()).isEqualByComparingTo("-40");
        assertThat(credit.reason()).isEqualTo(WithholdReason.CREDIT_OF_ANOTHER_PRODUCT);
        assertThat(state.totals().in(Account.CARRIED)).isZero();

        when(billWithheld("i", 1, 1));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 4, "150"))).amount())
                .as("a person lets it lower the next record")
                .isEqualByComparingTo("110");
    }

    @Test
    void what_usage_of_its_own_product_has_left_of_a_credit_waits_for_a_person() {
        when(meter("i", 1, "100"));
        when(meter("i", 1, 1, "-40"));
        assertThat(all(UsageRecordIssued.class, when(meter("i", 2, "25")))).isEmpty();
        upgrade("CS-2", LARGER, at(3, 0));
        assertThat(only(UsageWithheld.class, when(meter("i", 3, "150"))).amount())
                .isEqualByComparingTo("-15");
    }

    @Test
    void the_part_of_its_own_product_takes_a_credit_in_the_hour_of_the_upgrade() {
        when(meter("i", 1, "100"));
        when(meter("i", 1, 1, "-40"));
        upgrade("CS-2", LARGER, at(2, 1800));
        when(meter("i", 2, "100"));
        Decision split = when(recount("i", 2, part(at(2, 0), at(2, 1800), "70"), part(at(2, 1800), at(3, 0), "30")));
        assertThat(all(UsageRecordIssued.class, split))
                .extracting(record -> record.amount().intValueExact())
                .containsExactly(30, 30);
        assertThat(all(UsageWithheld.class, split)).isEmpty();
    }

    @Test
    void a_credit_of_the_next_product_lowers_no_late_usage_of_the_one_before() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(meter("i", 1, "100"));
        upgrade("CS-2", LARGER, at(3, 0));
        when(meter("i", 3, "100"));
        when(meter("i", 3, 1, "-30"));
        Decision late = when(meterLate("i", 1, 1, "50", at(5, 0)));
        assertThat(only(UsageRecordIssued.class, late).amount()).isEqualByComparingTo("50");
        assertThat(all(UsageWithheld.class, late)).isEmpty();
        assertThat(only(UsageRecordIssued.class, when(meter("i", 4, "100"))).amount())
                .isEqualByComparingTo("70");
    }

    @Test
    void usage_that_was_blocked_over_an_upgrade_takes_no_credit_of_the_next_product() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(meter("i", 1, "100"));
        upgrade("CS-2", LARGER, at(3, 0));
        when(meter("i", 3, "100"));
        when(meter("i", 3, 1, "-30"));
        MeterHour late = meterLate("i", 1, 1, "50", at(2, 1800));
        Decision entered = when(new MeterHour(
                late.instanceId(),
                late.hour(),
                late.revision(),
                late.countedBy(),
                late.amount(),
                late.events(),
                late.log(),
                new MeterHour.Times(late.closedAt(), at(5, 0))));
        assertThat(only(UsageRecordIssued.class, entered).amount()).isEqualByComparingTo("50");
        assertThat(all(UsageWithheld.class, entered))
                .as("the credit stays for its own product")
                .isEmpty();
    }

    @Test
    void late_usage_that_comes_to_less_than_a_credit_of_its_product_is_billed_and_the_credit_waits() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(meter("i", 1, "100"));
        when(meter("i", 1, 1, "-40"));
        upgrade("CS-2", LARGER, at(3, 0));
        Decision late = when(meterLate("i", 1, 2, "10", at(5, 0)));
        assertThat(only(UsageRecordIssued.class, late).amount()).isEqualByComparingTo("10");
        assertThat(only(UsageWithheld.class, late).amount()).isEqualByComparingTo("-40");
    }

    @Test
    void an_instance_remembers_so_many_credits_and_withholds_the_next() {
        for (int i = 0; i <= CarriedCredits.STORED; i++) {
            when(meter("i", i, i == 0 ? "100" : "0"));
        }
        for (int i = 0; i < CarriedCredits.STORED; i++) {
            when(meter("i", i, 1, "-1"));
        }
        assertThat(state.totals().in(Account.WITHHELD)).isZero();
        assertThat(only(UsageWithheld.class, when(meter("i", CarriedCredits.STORED, 1, "-1")))
                        .reason())
                .isEqualTo(WithholdReason.TOO_MANY_CREDITS);
    }

    /** Under {@code late-window: hold} no part gets a window by itself. */
    @Test
    void late_usage_of_an_hour_with_two_products_is_billed_by_a_person_part_by_part() {
        upgrade("CS-2", LARGER, at(2, 1800));
        when(meter("i", 2, "10"));
        when(recount("i", 2, part(at(2, 0), at(2, 1800), "7"), part(at(2, 1800), at(3, 0), "3")));
        when(meter("i", 2, 1, "5"));
        assertThat(rule(when(billWithheld("i", 2, 1))))
                .as("before the recount nobody knows which part it is of")
                .isEqualTo("several-terms");
        Decision split = when(recount("i", 2, 1, part(at(2, 0), at(2, 1800), "4"), part(at(2, 1800), at(3, 0), "1")));
        HourRecounted recounted = only(HourRecounted.class, split);
        assertThat(recounted.reason()).isEqualTo(WithholdReason.LATE_WINDOW);
        assertThat(recounted.unbilled()).hasSize(2);

        assertThat(all(UsageRecordIssued.class, when(billWithheld("i", 2, 1))))
                .extracting(record -> record.window().begin(), record -> record.amount()
                        .intValueExact())
                .containsExactly(tuple(at(2, 0), 4), tuple(at(2, 1800), 1));
        assertThat(state.totals().in(Account.WITHHELD)).isZero();
        assertThat(when(billWithheld("i", 2, 1))).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void of_two_parts_of_equal_amounts_the_one_that_was_not_billed_can_be_billed_later() {
        HourPart before = new HourPart(at(2, 0), at(2, 1800), BigDecimal.ONE);
        HourPart after = new HourPart(at(2, 1800), at(3, 0), BigDecimal.ONE);
        WithheldEntry both = new WithheldEntry(
                BigDecimal.TWO, BigDecimal.ZERO, WithholdReason.LATE_WINDOW, List.of(before, after), Fate.RECOUNTED);

        WithheldEntry left = both.afterBilled(
                new WithheldUsageBilled("i", at(2, 0), 1, BigDecimal.ONE, false, after, Given.FINANCE, at(4, 0)));

        assertThat(left.parts()).containsExactly(before);
        assertThat(left.fate()).isEqualTo(Fate.RECOUNTED);
    }

    @Test
    void a_credit_of_the_product_before_beside_late_usage_is_not_billed_with_it() {
        upgrade("CS-2", LARGER, at(2, 1800));
        when(meter("i", 2, "10"));
        when(recount("i", 2, part(at(2, 0), at(2, 1800), "7"), part(at(2, 1800), at(3, 0), "3")));
        when(meter("i", 2, 1, "2"));
        when(recount("i", 2, 1, part(at(2, 0), at(2, 1800), "-4"), part(at(2, 1800), at(3, 0), "6")));

        assertThat(only(UsageRecordIssued.class, when(billWithheld("i", 2, 1))).amount())
                .isEqualByComparingTo("6");
        assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("-4");
        assertThat(when(Given.writeOffWithheld("i", 2, 1))).isInstanceOf(Decision.Done.class);
        assertThat(state.totals().in(Account.WITHHELD)).isZero();
    }

    private static MeterHour meterLate(String id, int hour, int revision, String amount, Instant closedAt) {
        MeterHour usual = meter(id, hour, revision, amount);
        return new MeterHour(
                usual.instanceId(),
                usual.hour(),
                usual.revision(),
                usual.countedBy(),
                usual.amount(),
                usual.events(),
                usual.log(),
                closedAt);
    }

    /** Part of it is of the product that the buyer has paid for the month. */
    @Test
    void what_no_recount_has_split_between_a_product_sold_by_use_and_another_is_billed_by_nobody() {
        upgrade("CS-2", BY_PERIOD, at(2, 1800));
        when(meter("i", 2, "10"));
        assertThat(rule(when(billWithheld("i", 2, 0)))).isEqualTo("never-billed");
    }

    /** Another machine's clock ran ahead when it closed the hour: the marketplace takes no record from before its window's end. */
    @Test
    void a_recount_before_the_hour_is_over_comes_again() {
        upgrade("CS-2", LARGER, at(2, 1800));
        when(meter("i", 2, "10"));
        EnterRecount early = new EnterRecount(
                new InstanceId("i"),
                hour(2),
                0,
                List.of(part(at(2, 0), at(2, 1800), "7"), part(at(2, 1800), at(3, 0), "3")),
                at(2, 3500));
        assertThat(rule(when(early))).isEqualTo("hour-not-over");
    }

    @Test
    void events_on_one_side_of_an_upgrade_get_a_window_on_that_side() {
        upgrade("CS-2", LARGER, at(2, 1800));
        UsageRecordIssued record =
                only(UsageRecordIssued.class, when(meter("i", hour(2), 0, "7", at(2, 1900), at(2, 2000))));
        assertThat(record.window().begin()).isEqualTo(at(2, 1800));
    }

    @Test
    void an_upgrade_to_the_same_terms_is_no_boundary() {
        upgrade("CS-2", Given.EGRESS, at(2, 1800));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 2, "10")))
                        .window()
                        .begin())
                .isEqualTo(at(2, 0));
    }

    @Test
    void products_of_long_ago_are_forgotten_and_hours_that_need_them_withheld() {
        for (int i = 0; i < ProductHistory.STORED; i++) {
            upgrade("CS-" + i, i % 2 == 0 ? LARGER : VOLUME, at(10 + i, 0));
        }
        assertThat(state.life().products().periods()).hasSize(ProductHistory.STORED);
        assertThat(only(UsageWithheld.class, when(meter("i", 1, "4"))).reason())
                .isEqualTo(WithholdReason.LIFE_FORGOTTEN);
        assertThat(all(UsageRecordIssued.class, when(meter("i", 12, "4")))).hasSize(1);
    }
}
