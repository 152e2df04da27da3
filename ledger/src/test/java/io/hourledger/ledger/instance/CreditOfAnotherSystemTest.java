package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.billWithheld;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.writeOffWithheld;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What another system has billed for an hour, only that system can take back. */
@Tag("fast")
class CreditOfAnotherSystemTest extends InstanceHistory {

    private Instant reportsFrom = Instant.MAX;

    @BeforeEach
    void inShadow() {
        policy = SellerPolicy.CAUTIOUS.with(() -> reportsFrom);
        when(open("i"));
        when(meter("i", 1, "100"));
    }

    @Test
    void in_shadow_a_credit_lowers_the_next_record_as_it_will_when_we_report() {
        when(meter("i", 1, 1, "-40"));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 2, "50"))).amount())
                .isEqualByComparingTo("10");
    }

    @Test
    void the_rest_of_a_credit_from_the_shadow_lowers_no_record_that_is_sent() {
        when(meter("i", 1, 1, "-40"));
        when(meter("i", 2, "15"));
        reportsFrom = at(3, 0);

        Decision first = when(meter("i", 3, "50"));
        assertThat(only(UsageRecordIssued.class, first).amount()).isEqualByComparingTo("50");
        assertThat(only(UsageWithheld.class, first).amount()).isEqualByComparingTo("-25");
        assertThat(only(UsageWithheld.class, first).reason()).isEqualTo(WithholdReason.CREDIT_OF_ANOTHER_SYSTEM);
    }

    @Test
    void a_credit_of_an_hour_of_the_shadow_that_comes_after_going_live_is_given_by_the_other_system() {
        reportsFrom = at(2, 0);
        when(meter("i", 2, "50"));
        assertThat(only(UsageWithheld.class, when(meter("i", 1, 1, "-40"))).reason())
                .isEqualTo(WithholdReason.CREDIT_OF_ANOTHER_SYSTEM);
        assertThat(rule(when(billWithheld("i", 1, 1)))).isEqualTo("never-billed");
        assertThat(only(UsageRecordIssued.class, when(meter("i", 3, "50"))).amount())
                .isEqualByComparingTo("50");
        assertThat(when(writeOffWithheld("i", 1, 1))).isInstanceOf(Decision.Done.class);
        assertThat(state.totals().in(Account.WITHHELD)).isZero();
    }

    @Test
    void a_credit_of_ours_lowers_no_late_usage_that_another_system_reports() {
        policy = policy.with(SellerPolicy.LateWindow.SHORTER);
        reportsFrom = at(2, 0);
        when(meter("i", 2, "50"));
        when(meter("i", 2, 1, "-20"));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, 1, "30"))).amount())
                .isEqualByComparingTo("30");
        assertThat(only(UsageRecordIssued.class, when(meter("i", 3, "50"))).amount())
                .isEqualByComparingTo("30");
    }

    @Test
    void a_credit_of_ours_stays_carried_however_often_another_system_bills_late_usage() {
        policy = policy.with(SellerPolicy.LateWindow.SHORTER);
        reportsFrom = at(2, 0);
        when(meter("i", 2, "50"));
        when(meter("i", 2, 1, "-20"));
        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, 1, "30"))).amount())
                .isEqualByComparingTo("30");
        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, 2, "30"))).amount())
                .isEqualByComparingTo("30");
        assertThat(only(UsageRecordIssued.class, when(meter("i", 3, "50"))).amount())
                .isEqualByComparingTo("30");
    }

    @Test
    void late_usage_of_another_system_in_several_records_leaves_our_credit_too() {
        policy = policy.with(SellerPolicy.LateWindow.SHORTER);
        reportsFrom = at(2, 0);
        when(meter("i", 2, "50"));
        when(meter("i", 2, 1, "-20"));
        String tooMuchForOneRecord =
                BillableAmount.LARGEST.add(BillableAmount.LARGEST).toPlainString();
        assertThat(all(UsageRecordIssued.class, when(meter("i", 1, 1, tooMuchForOneRecord))))
                .hasSize(2);
        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, 2, "30"))).amount())
                .isEqualByComparingTo("30");
        assertThat(only(UsageRecordIssued.class, when(meter("i", 3, "50"))).amount())
                .isEqualByComparingTo("30");
    }

    @Test
    void a_credit_that_a_person_let_through_lowers_no_usage_that_another_system_reports() {
        policy = policy.with(SellerPolicy.LateWindow.SHORTER);
        reportsFrom = at(2, 0);
        when(meter("i", 2, "50"));
        when(meter("i", 2, 1, "-20"));
        upgrade();
        when(meter("i", 3, "50"));
        assertThat(when(billWithheld("i", 2, 1))).isInstanceOf(Decision.Done.class);

        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, 1, "30"))).amount())
                .isEqualByComparingTo("30");
        assertThat(only(UsageRecordIssued.class, when(meter("i", 4, "50"))).amount())
                .isEqualByComparingTo("30");
    }

    @Test
    void a_credit_of_another_system_stays_one_though_the_product_is_another_too() {
        reportsFrom = at(2, 0);
        upgradeAt(at(2, 30));
        assertThat(only(UsageWithheld.class, when(meter("i", 1, 1, "-40"))).reason())
                .isEqualTo(WithholdReason.CREDIT_OF_ANOTHER_SYSTEM);
        assertThat(rule(when(billWithheld("i", 1, 1)))).isEqualTo("never-billed");
    }

    @Test
    void a_credit_of_an_hour_of_the_shadow_is_never_given_a_second_time_whatever_it_was_withheld_for() {
        when(meter("i", 1, 1, "-40"));
        upgrade();
        assertThat(only(UsageWithheld.class, when(meter("i", 3, "50"))).reason())
                .isEqualTo(WithholdReason.CREDIT_OF_ANOTHER_PRODUCT);
        reportsFrom = at(4, 0);

        assertThat(rule(when(billWithheld("i", 1, 1)))).isEqualTo("never-billed");
        assertThat(when(writeOffWithheld("i", 1, 1))).isInstanceOf(Decision.Done.class);
    }

    private void upgrade() {
        upgradeAt(at(3, 0));
    }

    private void upgradeAt(Instant at) {
        Product larger =
                new Product("P-LARGER", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        when(new UpgradeInstance(new InstanceId("i"), "CS-2", larger, at));
    }
}
