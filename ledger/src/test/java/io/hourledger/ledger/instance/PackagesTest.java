package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.addPackage;
import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.billWithheld;
import static io.hourledger.ledger.instance.Given.doubt;
import static io.hourledger.ledger.instance.Given.expirePackage;
import static io.hourledger.ledger.instance.Given.freezePackage;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.part;
import static io.hourledger.ledger.instance.Given.recount;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.reissue;
import static io.hourledger.ledger.instance.Given.releasePackage;
import static io.hourledger.ledger.instance.Given.renewPackage;
import static io.hourledger.ledger.instance.Given.unfreezePackage;
import static io.hourledger.ledger.instance.Given.withdrawPackage;
import static io.hourledger.ledger.instance.Given.writeOff;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceEvent.PackageReleased;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.instance.PackagePolicy.Beyond;
import io.hourledger.ledger.instance.PackagePolicy.Coverage;
import io.hourledger.ledger.instance.PackagePolicy.Order;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which package pays for which usage (koogallery.md, section 5). */
@Tag("fast")
class PackagesTest extends InstanceHistory {

    private static final Instant HALF_PAST_ONE = at(1, 1800);

    @BeforeEach
    void opened() {
        when(open("i"));
    }

    private Decision use(Instant first, Instant last, String amount) {
        return when(meter("i", hour(1), 0, amount, first, last));
    }

    private static List<String> bill(Decision decision) {
        return all(UsageRecordIssued.class, decision).stream()
                .map(record -> record.amount().stripTrailingZeros().toPlainString() + " of "
                        + record.packageInstanceId() + " "
                        + record.window().begin().toString().substring(11, 19) + "-"
                        + record.window().end().toString().substring(11, 19))
                .toList();
    }

    private void policy(Order order, Beyond beyond, String... packageOnly) {
        policy = SellerPolicy.CAUTIOUS.with(
                new PackagePolicy(order, beyond, Coverage.FROM_ITS_OPENING, Set.of(packageOnly)));
    }

    @Test
    void the_hour_of_the_first_package_is_split_and_usage_before_it_is_plain_pay_per_use() {
        when(addPackage("i", "p1", "100", HALF_PAST_ONE));

        assertThat(only(UsageWithheld.class, use(at(1, 0), at(1, 3599), "10")).reason())
                .isEqualTo(WithholdReason.MIXED_HOUR);
        Decision split = when(recount("i", 1, part(at(1, 0), HALF_PAST_ONE, "4"), part(HALF_PAST_ONE, at(2, 0), "6")));

        assertThat(bill(split)).containsExactly("4 of null 01:00:00-01:30:00", "6 of p1 01:30:00-02:00:00");
        assertThat(state.packages().left()).isEqualByComparingTo("94");
    }

    @Test
    void usage_on_one_side_of_the_opening_needs_no_recount() {
        when(addPackage("i", "p1", "100", HALF_PAST_ONE));

        assertThat(bill(use(HALF_PAST_ONE, at(1, 3599), "10"))).containsExactly("10 of p1 01:30:00-02:00:00");
    }

    @Test
    void all_usage_before_the_opening_is_billed_without_the_package() {
        when(addPackage("i", "p1", "100", HALF_PAST_ONE));

        assertThat(bill(use(at(1, 0), HALF_PAST_ONE.minusMillis(1), "10")))
                .containsExactly("10 of null 01:00:00-01:30:00");
    }

    @Test
    void a_package_pays_nothing_of_what_was_used_before_its_opening_when_the_one_before_is_used_up() {
        when(addPackage("i", "p1", "5", at(0, 0)));
        when(addPackage("i", "p2", "100", HALF_PAST_ONE));
        use(at(1, 0), at(1, 3599), "20");

        Decision split = when(recount("i", 1, part(at(1, 0), HALF_PAST_ONE, "12"), part(HALF_PAST_ONE, at(2, 0), "8")));

        assertThat(bill(split)).containsExactly("5 of p1 01:00:00-01:30:00", "8 of p2 01:30:00-02:00:00");
        assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("7");
    }

    @Test
    void a_recount_that_knows_nothing_of_the_boundary_is_refused_and_comes_again() {
        when(addPackage("i", "p1", "100", HALF_PAST_ONE));
        use(at(1, 0), at(1, 3599), "10");

        assertThat(rule(when(recount("i", 1, part(at(1, 0), at(2, 0), "10"))))).isEqualTo("recount-parts");
    }

    @Test
    void the_package_that_was_opened_first_pays_first_though_it_came_last() {
        when(addPackage("i", "younger", "5", at(0, 60)));
        when(addPackage("i", "older", "5", at(0, 30)));

        assertThat(bill(use(at(1, 0), at(1, 3599), "7")))
                .containsExactly("5 of older 01:00:00-01:30:00", "2 of younger 01:30:00-02:00:00");
    }

    @Test
    void the_package_that_was_opened_last_pays_first_if_the_seller_says_so() {
        policy(Order.NEWEST_FIRST, Beyond.WITHHOLD);
        when(addPackage("i", "older", "5", at(0, 30)));
        when(addPackage("i", "younger", "5", at(0, 60)));

        assertThat(bill(use(at(1, 0), at(1, 3599), "7")))
                .containsExactly("5 of younger 01:00:00-01:30:00", "2 of older 01:30:00-02:00:00");
    }

    @Test
    void usage_beyond_the_last_package_is_billed_by_the_unit_price_if_the_seller_says_so() {
        policy(Order.OLDEST_FIRST, Beyond.BILL);
        when(addPackage("i", "p1", "5", at(0, 0)));

        assertThat(bill(use(at(1, 0), at(1, 3599), "7.00005")))
                .containsExactly("5 of p1 01:00:00-01:30:00", "2 of null 01:30:00-02:00:00");
        assertThat(state.totals().in(Account.WITHHELD)).isZero();
        assertThat(state.totals().in(Account.CARRIED)).isEqualByComparingTo("0.00005");
    }

    @Test
    void a_product_that_is_billed_through_packages_only_is_never_billed_without_one() {
        policy(Order.OLDEST_FIRST, Beyond.BILL, "P-EGRESS");
        UsageWithheld before = only(UsageWithheld.class, use(at(1, 0), at(1, 3599), "7"));
        assertThat(before.reason()).isEqualTo(WithholdReason.NO_PACKAGE);

        when(addPackage("i", "p1", "5", at(2, 0)));
        assertThat(only(UsageWithheld.class, when(meter("i", 2, "7"))).reason())
                .isEqualTo(WithholdReason.PACKAGE_USED_UP);
    }

    @Test
    void the_hour_of_a_release_is_split_and_the_rest_of_the_package_pays_no_more() {
        when(addPackage("i", "p1", "100", at(0, 0)));
        assertThat(only(PackageReleased.class, when(releasePackage("i", "p1", HALF_PAST_ONE)))
                        .left())
                .isEqualByComparingTo("100");
        use(at(1, 0), at(1, 3599), "10");

        Decision split = when(recount("i", 1, part(at(1, 0), HALF_PAST_ONE, "4"), part(HALF_PAST_ONE, at(2, 0), "6")));

        assertThat(bill(split)).containsExactly("4 of p1 01:00:00-01:30:00");
        assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("6");
        assertThat(state.packages().left()).as("of those that live").isZero();
        assertThat(when(releasePackage("i", "p1", at(2, 0)))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(rule(when(freezePackage("i", "p1", at(2, 0))))).isEqualTo("package-released");
    }

    @Test
    void late_usage_from_before_the_release_is_still_drawn_from_the_package() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(addPackage("i", "p1", "100", at(0, 0)));
        when(meter("i", 1, "10"));
        when(releasePackage("i", "p1", at(2, 0)));

        assertThat(only(UsageRecordIssued.class, when(meter("i", 1, 1, "3"))).packageInstanceId())
                .isEqualTo("p1");
    }

    @Test
    void a_frozen_package_pays_nothing_until_it_is_unfrozen() {
        when(addPackage("i", "p1", "100", at(0, 0)));
        when(freezePackage("i", "p1", at(1, 600)));
        assertThat(when(freezePackage("i", "p1", at(1, 700)))).isInstanceOf(Decision.AlreadyDone.class);
        when(unfreezePackage("i", "p1", at(1, 1200)));
        assertThat(when(unfreezePackage("i", "p1", at(1, 1300)))).isInstanceOf(Decision.AlreadyDone.class);
        use(at(1, 0), at(1, 3599), "10");

        Decision split = when(recount(
                "i",
                1,
                part(at(1, 0), at(1, 600), "1"),
                part(at(1, 600), at(1, 1200), "2"),
                part(at(1, 1200), at(2, 0), "7")));

        assertThat(bill(split)).containsExactly("1 of p1 01:00:00-01:10:00", "7 of p1 01:20:00-02:00:00");
        assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("2");
    }

    @Test
    void what_has_expired_goes_on_by_a_renewal_alone_whatever_becomes_of_a_freeze_and_in_whatever_order() {
        when(addPackage("i", "p1", "100", at(0, 0)));
        when(freezePackage("i", "p1", at(1, 0)));
        when(expirePackage("i", "p1", at(1, 60)));
        assertThat(when(expirePackage("i", "p1", at(1, 70)))).isInstanceOf(Decision.AlreadyDone.class);
        when(unfreezePackage("i", "p1", at(1, 120)));
        assertThat(rule(when(unfreezePackage("i", "p1", at(1, 130))))).isEqualTo("package-expired");
        assertThat(only(UsageWithheld.class, use(at(1, 200), at(1, 3599), "10")).reason())
                .isEqualTo(WithholdReason.PACKAGE_USED_UP);

        when(renewPackage("i", "p1", "CS-2", at(2, 0)));

        assertThat(only(UsageRecordIssued.class, when(meter("i", 2, "3"))).packageInstanceId())
                .isEqualTo("p1");
        when(expirePackage("i", "p1", at(3, 0)));
        assertThat(when(renewPackage("i", "p1", "CS-2", at(3, 60))))
                .as("a repeat of the first renewal")
                .isInstanceOf(Decision.AlreadyDone.class);
        assertThat(only(UsageWithheld.class, when(meter("i", 3, "3"))).reason())
                .isEqualTo(WithholdReason.PACKAGE_USED_UP);
    }

    @Test
    void a_package_that_was_added_to_the_wrong_instance_is_taken_back_while_nothing_was_drawn_from_it() {
        when(addPackage("i", "p1", "100", at(0, 0)));
        when(withdrawPackage("i", "p1", at(1, 0)));

        assertThat(bill(use(at(1, 0), at(1, 3599), "10"))).containsExactly("10 of null 01:00:00-02:00:00");
        assertThat(state.packages()).isEqualTo(Packages.NONE);
        assertThat(rule(when(withdrawPackage("i", "p1", at(2, 0))))).isEqualTo("no-such-package");

        when(addPackage("i", "p1", "100", at(2, 0)));
        when(meter("i", 2, "1"));
        assertThat(rule(when(withdrawPackage("i", "p1", at(3, 0))))).isEqualTo("package-drawn");
    }

    @Test
    void a_later_revision_of_an_hour_with_a_boundary_is_recounted() {
        policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
        when(addPackage("i", "p1", "100", HALF_PAST_ONE));
        use(at(1, 0), at(1, 1799), "10");

        assertThat(only(UsageWithheld.class, when(meter("i", hour(1), 1, "3", at(1, 2000), at(1, 2000))))
                        .reason())
                .isEqualTo(WithholdReason.MIXED_HOUR);
    }

    @Test
    void a_package_is_neither_released_nor_frozen_that_is_not_there() {
        assertThat(rule(when(releasePackage("i", "p9", at(1, 0))))).isEqualTo("no-such-package");
        assertThat(rule(when(freezePackage("i", "p9", at(1, 0))))).isEqualTo("no-such-package");
        assertThat(rule(when(unfreezePackage("i", "p9", at(1, 0))))).isEqualTo("no-such-package");
    }

    @Test
    void nothing_is_drawn_from_a_package_by_what_is_sold_by_period() {
        Product byMonth = new Product("P-MONTH", "egress", ChargingMode.PERIOD, PricingMode.FIXED, BillingCycle.HOURLY);
        InstanceHistory other = new InstanceHistory() {};
        other.when(open("m", byMonth, false, Given.OPENED));

        assertThat(rule(other.when(addPackage("m", "p1", "5")))).isEqualTo("package-for-pay-per-use");
    }

    @Test
    void a_person_lets_a_package_that_was_bought_later_pay() {
        when(addPackage("i", "p1", "5", at(0, 0)));
        use(at(1, 0), at(1, 3599), "7");
        assertThat(rule(when(billWithheld("i", 1, 0)))).isEqualTo("cannot-be-billed");
        when(addPackage("i", "p2", "5", at(2, 0)));

        assertThat(bill(when(billWithheld("i", 1, 0)))).containsExactly("2 of p2 01:00:00-01:59:59");
    }

    /** The first half hour was plain pay per use, and a person's word billed prepaid usage by its unit price. */
    @Test
    void what_packages_did_not_hold_is_never_billed_as_usage_of_before_the_first_one() {
        when(addPackage("i", "p1", "5", HALF_PAST_ONE));
        use(at(1, 0), at(1, 3599), "20");
        when(recount("i", 1, part(at(1, 0), HALF_PAST_ONE, "4"), part(HALF_PAST_ONE, at(2, 0), "16")));

        assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("11");
        assertThat(state.recent().entry(hour(1)).withheld().get(0).reason()).isEqualTo(WithholdReason.PACKAGE_USED_UP);
        assertThat(rule(when(billWithheld("i", 1, 0)))).isEqualTo("several-terms");
    }

    @Test
    void a_plain_record_of_the_hour_of_the_first_package_is_reissued_before_it() {
        when(addPackage("i", "p1", "100", HALF_PAST_ONE));
        use(at(1, 0), at(1, 3599), "10");
        Decision split = when(recount("i", 1, part(at(1, 0), HALF_PAST_ONE, "4"), part(HALF_PAST_ONE, at(2, 0), "6")));
        MeteringSn plain = new MeteringSn(
                all(UsageRecordIssued.class, split).getFirst().record().meteringSn());
        when(refuse("i", plain));

        assertThat(bill(when(reissue("i", plain)))).containsExactly("4 of null 01:00:00-01:29:59");
    }

    /** What p1 paid for, refused since p1 was frozen or expired. */
    private MeteringSn refusedOfP1(String amount) {
        when(addPackage("i", "p1", "5", at(0, 0)));
        MeteringSn record = new MeteringSn(only(UsageRecordIssued.class, when(meter("i", 1, amount)))
                .record()
                .meteringSn());
        when(freezePackage("i", "p1", at(2, 0)));
        when(refuse("i", record));
        return record;
    }

    @Test
    void a_record_refused_since_its_package_was_frozen_is_issued_again_once_that_goes_on() {
        MeteringSn record = refusedOfP1("5");
        assertThat(rule(when(reissue("i", record)))).isEqualTo("no-package-pays");

        when(unfreezePackage("i", "p1", at(3, 0)));
        Decision again = when(reissue("i", record));

        assertThat(bill(again)).containsExactly("5 of p1 01:00:00-01:59:59");
        assertThat(state.totals().in(Account.REFUSED)).isZero();
        assertThat(state.packages().left()).isZero();
        assertThat(all(PackageUsedUp.class, again)).hasSize(1);
        assertThat(when(reissue("i", record))).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void a_record_refused_since_its_package_expired_is_drawn_from_one_that_was_bought_later_never_at_the_unit_price() {
        policy(Order.OLDEST_FIRST, Beyond.BILL);
        MeteringSn record = refusedOfP1("4");
        assertThat(rule(when(reissue("i", record)))).isEqualTo("no-package-pays");

        when(addPackage("i", "p2", "100", at(3, 0)));

        assertThat(bill(when(reissue("i", record)))).containsExactly("4 of p2 01:00:00-01:59:59");
        assertThat(state.packages().find("p1").orElseThrow().left())
                .as("the marketplace took nothing from it")
                .isEqualByComparingTo("5");
        assertThat(state.packages().find("p2").orElseThrow().left()).isEqualByComparingTo("96");
    }

    @Test
    void a_refused_record_that_is_written_off_leaves_its_package_as_full_as_the_marketplace_has_it() {
        MeteringSn record = refusedOfP1("5");
        assertThat(state.packages().find("p1").orElseThrow().noticed()).isTrue();

        when(writeOff("i", record));

        assertThat(state.packages().find("p1").orElseThrow().left()).isEqualByComparingTo("5");
        assertThat(state.packages().find("p1").orElseThrow().noticed())
                .as("its end is noticed anew")
                .isFalse();
    }

    @Test
    void an_unknown_record_that_is_written_off_leaves_its_package_drawn_since_it_may_be_billed() {
        when(addPackage("i", "p1", "5", at(0, 0)));
        MeteringSn record = new MeteringSn(
                only(UsageRecordIssued.class, when(meter("i", 1, "4"))).record().meteringSn());
        when(doubt("i", record));

        when(writeOff("i", record));

        assertThat(state.packages().left()).isEqualByComparingTo("1");
    }

    @Test
    void whether_packages_alone_pay_goes_by_the_product_of_the_hour() {
        policy(Order.OLDEST_FIRST, Beyond.WITHHOLD, Given.EGRESS.productId());
        Product plain =
                new Product("P-PLAIN", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        when(new UpgradeInstance(new InstanceId("i"), "CS-2", plain, at(2, 30)));

        assertThat(only(UsageWithheld.class, use(at(1, 0), at(1, 3599), "10")).reason())
                .isEqualTo(WithholdReason.NO_PACKAGE);
        assertThat(all(UsageRecordIssued.class, when(meter("i", 3, "10")))).hasSize(1);
    }

    @Test
    void packages_that_ended_with_a_rest_are_remembered_within_a_bound_and_never_added_again() {
        for (int i = 0; i < 60; i++) {
            when(addPackage("i", "p" + i, "5", at(i, 0)));
            when(releasePackage("i", "p" + i, at(i, 60)));
        }

        assertThat(state.packages().balances()).hasSizeLessThanOrEqualTo(Packages.RELEASED_STORED + 1);
        assertThat(state.packages().prepaidSince()).isEqualTo(at(0, 0));
        assertThat(when(addPackage("i", "p0", "5", at(0, 0)))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(when(releasePackage("i", "p0", at(70, 0)))).isInstanceOf(Decision.AlreadyDone.class);
    }

    /** The first half hour was plain pay per use. */
    @Test
    void the_part_of_late_usage_that_no_package_holds_stays_billable_beside_the_part_that_was_billed() {
        when(addPackage("i", "p1", "10", HALF_PAST_ONE));
        use(at(1, 0), at(1, 3599), "9");
        when(recount("i", 1, part(at(1, 0), HALF_PAST_ONE, "4"), part(HALF_PAST_ONE, at(2, 0), "5")));
        when(meter("i", 1, 1, "6"));
        when(recount("i", 1, 1, part(at(1, 0), HALF_PAST_ONE, "2"), part(HALF_PAST_ONE, at(2, 0), "4")));
        when(meter("i", 2, "5"));
        assertThat(state.packages().left()).isZero();

        assertThat(bill(when(billWithheld("i", 1, 1)))).containsExactly("2 of null 01:00:00-01:29:59");
        assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("4");
        assertThat(rule(when(billWithheld("i", 1, 1)))).isEqualTo("cannot-be-billed");
        when(addPackage("i", "p2", "100", at(3, 0)));

        assertThat(bill(when(billWithheld("i", 1, 1)))).containsExactly("4 of p2 01:30:00-01:59:59");
        assertThat(state.totals().in(Account.WITHHELD)).isZero();
        assertThat(when(billWithheld("i", 1, 1))).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void a_person_bills_late_usage_from_the_package_that_covered_it_though_that_has_expired_since() {
        policy(Order.OLDEST_FIRST, Beyond.BILL);
        when(addPackage("i", "p1", "100", at(0, 0)));
        when(meter("i", 1, "10"));
        when(expirePackage("i", "p1", at(2, 0)));
        when(meter("i", 1, 1, "5"));

        assertThat(bill(when(billWithheld("i", 1, 1)))).containsExactly("5 of p1 01:00:00-01:59:59");
    }

    @Test
    void a_person_never_bills_prepaid_usage_by_the_unit_price() {
        policy(Order.OLDEST_FIRST, Beyond.BILL);
        when(addPackage("i", "p1", "10", at(0, 0)));
        when(meter("i", 1, "10"));
        when(meter("i", 1, 1, "5"));

        assertThat(rule(when(billWithheld("i", 1, 1)))).isEqualTo("cannot-be-billed");
    }

    @Test
    void a_record_that_a_package_paid_is_never_issued_again_without_one_whatever_the_settings_of_today() {
        policy(Order.OLDEST_FIRST, Beyond.WITHHOLD, Given.EGRESS.productId());
        when(meter("i", 1, "10"));
        when(addPackage("i", "p1", "100", at(2, 0)));
        MeteringSn record = new MeteringSn(only(UsageRecordIssued.class, when(billWithheld("i", 1, 0)))
                .record()
                .meteringSn());
        when(refuse("i", record));
        policy(Order.OLDEST_FIRST, Beyond.BILL);

        assertThat(bill(when(reissue("i", record)))).containsExactly("10 of p1 01:00:00-01:59:59");
    }
}
