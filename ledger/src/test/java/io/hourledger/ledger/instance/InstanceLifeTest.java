package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.addPackage;
import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.billWithheld;
import static io.hourledger.ledger.instance.Given.dispute;
import static io.hourledger.ledger.instance.Given.doubt;
import static io.hourledger.ledger.instance.Given.expire;
import static io.hourledger.ledger.instance.Given.freeze;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.notice;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.part;
import static io.hourledger.ledger.instance.Given.recount;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.reissue;
import static io.hourledger.ledger.instance.Given.release;
import static io.hourledger.ledger.instance.Given.renew;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.settle;
import static io.hourledger.ledger.instance.Given.sn;
import static io.hourledger.ledger.instance.Given.unfreeze;
import static io.hourledger.ledger.instance.Given.writeOff;
import static io.hourledger.ledger.instance.Given.writeOffRemainder;
import static io.hourledger.ledger.instance.Given.writeOffWithheld;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceEvent.HourRecounted;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordReissued;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordSettled;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageBilled;
import io.hourledger.contracts.instance.InstanceEvent.WithheldUsageWrittenOff;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import io.hourledger.ledger.instance.SellerPolicy.UsageBeforeOpened;
import io.hourledger.ledger.instance.SellerPolicy.VolumeExtra;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class InstanceLifeTest {

    private static final Product VOLUME =
            new Product("P-V", "egress", ChargingMode.ON_DEMAND, PricingMode.VOLUME, BillingCycle.HOURLY);

    @Nested
    class Frozen extends InstanceHistory {

        @BeforeEach
        void opened() {
            when(open("i"));
        }

        @Test
        void usage_while_frozen_is_withheld() {
            when(freeze("i", at(1, 0)));
            assertThat(only(UsageWithheld.class, when(meter("i", 1, "4"))).reason())
                    .isEqualTo(WithholdReason.FROZEN);
        }

        @Test
        void freezing_what_is_frozen_was_done_already() {
            when(freeze("i", at(1, 0)));
            assertThat(when(freeze("i", at(1, 5)))).isInstanceOf(Decision.AlreadyDone.class);
            when(unfreeze("i", at(2, 0)));
            assertThat(when(unfreeze("i", at(2, 5)))).isInstanceOf(Decision.AlreadyDone.class);
        }

        @Test
        void usage_on_one_side_of_a_boundary_gets_a_window_on_that_side() {
            when(freeze("i", at(1, 600)));
            when(unfreeze("i", at(1, 1200)));
            UsageRecordIssued record =
                    only(UsageRecordIssued.class, when(meter("i", hour(1), 0, "4", at(1, 1300), at(1, 2000))));
            assertThat(record.window().begin()).isEqualTo(at(1, 1200));
            assertThat(record.window().end()).isEqualTo(at(2, 0));
        }

        @Test
        void usage_on_both_sides_is_held_until_a_recount_splits_it() {
            when(freeze("i", at(1, 600)));
            when(unfreeze("i", at(1, 1200)));
            assertThat(only(UsageWithheld.class, when(meter("i", 1, "10"))).reason())
                    .isEqualTo(WithholdReason.MIXED_HOUR);

            Decision decision = when(recount(
                    "i",
                    1,
                    part(at(1, 0), at(1, 600), "3"),
                    part(at(1, 600), at(1, 1200), "5"),
                    part(at(1, 1200), at(2, 0), "2")));

            List<UsageRecordIssued> records = all(UsageRecordIssued.class, decision);
            assertThat(records).hasSize(2);
            assertThat(records.get(0).amount()).isEqualByComparingTo("3");
            assertThat(records.get(0).window().end()).isEqualTo(at(1, 600));
            assertThat(records.get(1).amount()).isEqualByComparingTo("2");
            assertThat(records.get(1).window().begin()).isEqualTo(at(1, 1200));
            assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("5");
        }

        @Test
        void a_recount_comes_once_and_to_the_same_sum_and_respects_the_boundaries() {
            when(freeze("i", at(1, 600)));
            when(meter("i", 1, "10"));
            assertThat(rule(when(recount("i", 1, part(at(1, 0), at(1, 600), "9")))))
                    .isEqualTo("recount-differs");
            assertThat(rule(when(recount("i", 1, part(at(1, 0), at(1, 601), "10")))))
                    .isEqualTo("recount-parts");
            assertThat(only(HourRecounted.class, when(recount("i", 1, part(at(1, 600), at(2, 0), "10"))))
                            .billable())
                    .isZero();
            assertThat(when(recount("i", 1, part(at(1, 0), at(1, 600), "10"))))
                    .isInstanceOf(Decision.AlreadyDone.class);
        }

        @Test
        void what_the_life_comes_to_is_billed_though_the_whole_hour_comes_to_less() {
            when(freeze("i", at(1, 600)));
            when(meter("i", 1, "2"));
            Decision split = when(recount("i", 1, part(at(1, 0), at(1, 600), "7"), part(at(1, 600), at(2, 0), "-5")));
            assertThat(only(UsageRecordIssued.class, split).amount()).isEqualByComparingTo("7");
            assertThat(only(HourRecounted.class, split).withheld()).isEqualByComparingTo("-5");
        }

        @Test
        void what_lies_outside_the_life_neither_hides_nor_joins_what_a_person_bills() {
            when(freeze("i", at(1, 600)));
            when(meter("i", 1, "10"));
            when(recount("i", 1, part(at(1, 0), at(1, 600), "4"), part(at(1, 600), at(2, 0), "6")));
            when(meter("i", 1, 1, "0"));
            Decision split =
                    when(recount("i", 1, 1, part(at(1, 0), at(1, 600), "5"), part(at(1, 600), at(2, 0), "-5")));
            assertThat(only(HourRecounted.class, split).reason()).isEqualTo(WithholdReason.LATE_WINDOW);
            assertThat(only(HourRecounted.class, split).nonBillable()).isEqualByComparingTo("-5");

            Decision billed = when(billWithheld("i", 1, 1));
            assertThat(only(WithheldUsageBilled.class, billed).amount()).isEqualByComparingTo("5");
            assertThat(only(UsageRecordIssued.class, billed).amount()).isEqualByComparingTo("5");
            assertThat(when(billWithheld("i", 1, 1))).isInstanceOf(Decision.AlreadyDone.class);

            assertThat(only(WithheldUsageWrittenOff.class, when(writeOffWithheld("i", 1, 1)))
                            .amount())
                    .isEqualByComparingTo("-5");
            assertThat(when(writeOffWithheld("i", 1, 1))).isInstanceOf(Decision.AlreadyDone.class);
        }

        @Test
        void a_life_never_begins_with_less_than_nothing() {
            when(freeze("i", at(1, 600)));
            when(meter("i", 1, "2"));
            assertThat(rule(when(recount("i", 1, part(at(1, 0), at(1, 600), "-1"), part(at(1, 600), at(2, 0), "3")))))
                    .isEqualTo("recount-below-zero");
        }

        @Test
        void an_hour_with_two_sides_is_split_though_it_comes_to_nothing() {
            when(freeze("i", at(1, 600)));
            assertThat(only(UsageWithheld.class, when(meter("i", 1, "0"))).reason())
                    .isEqualTo(WithholdReason.MIXED_HOUR);
            Decision split = when(recount("i", 1, part(at(1, 0), at(1, 600), "7"), part(at(1, 600), at(2, 0), "-7")));
            assertThat(only(UsageRecordIssued.class, split).amount()).isEqualByComparingTo("7");
        }

        @Test
        void a_later_revision_of_an_hour_with_two_sides_is_split_whatever_its_own_events() {
            when(freeze("i", at(1, 600)));
            when(meter("i", 1, "10"));
            when(recount("i", 1, part(at(1, 0), at(1, 600), "4"), part(at(1, 600), at(2, 0), "6")));
            assertThat(only(UsageWithheld.class, when(meter("i", 1, 1, "2"))).reason())
                    .isEqualTo(WithholdReason.MIXED_HOUR);
        }

        @Test
        void an_expired_instance_is_billed_again_once_it_is_renewed() {
            when(expire("i", at(1, 0)));
            assertThat(only(UsageWithheld.class, when(meter("i", 1, "1"))).reason())
                    .isEqualTo(WithholdReason.EXPIRED);
            when(renew("i", "CS-2", at(2, 0)));
            assertThat(when(renew("i", "CS-2", at(2, 9)))).isInstanceOf(Decision.AlreadyDone.class);
            assertThat(all(UsageRecordIssued.class, when(meter("i", 2, "1")))).hasSize(1);
        }

        @Test
        void an_upgrade_changes_the_product_and_never_the_meter() {
            when(new UpgradeInstance(new InstanceId("i"), "CS-2", VOLUME, at(1, 0)));
            assertThat(state.origin().product().pricingMode()).isEqualTo(PricingMode.VOLUME);
            Product other =
                    new Product("P", "requests", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
            assertThat(rule(when(new UpgradeInstance(new InstanceId("i"), "CS-3", other, at(1, 0)))))
                    .isEqualTo("one-meter");
        }

        @Test
        void an_instance_that_has_ended_changes_no_more() {
            when(release("i", at(1, 0)));
            assertThat(rule(when(freeze("i", at(1, 0))))).isEqualTo("released");
        }

        @Test
        void pauses_from_long_ago_are_forgotten_and_hours_that_need_them_held() {
            for (int pause = 0; pause <= Life.PAUSES_STORED; pause++) {
                when(freeze("i", at(pause + 1, 0)));
                when(unfreeze("i", at(pause + 1, 10)));
            }
            assertThat(state.life().pauses()).hasSize(Life.PAUSES_STORED);
            assertThat(only(UsageWithheld.class, when(meter("i", 1, "1"))).reason())
                    .isEqualTo(WithholdReason.LIFE_FORGOTTEN);
        }
    }

    @Nested
    class Prepaid extends InstanceHistory {

        @BeforeEach
        void opened() {
            when(open("i"));
            when(addPackage("i", "p1", "5"));
            when(addPackage("i", "p2", "5"));
        }

        @Test
        void usage_is_drawn_from_the_package_that_came_first() {
            UsageRecordIssued record = only(UsageRecordIssued.class, when(meter("i", 1, "2")));
            assertThat(record.packageInstanceId()).isEqualTo("p1");
            assertThat(state.packages().left()).isEqualByComparingTo("8");
        }

        @Test
        void an_hour_that_runs_over_the_end_of_a_package_is_split_into_adjoining_windows() {
            Decision decision = when(meter("i", 1, "7.00005"));
            List<UsageRecordIssued> records = all(UsageRecordIssued.class, decision);
            assertThat(records).extracting(UsageRecordIssued::packageInstanceId).containsExactly("p1", "p2");
            assertThat(records.get(0).amount()).isEqualByComparingTo("5");
            assertThat(records.get(1).amount()).isEqualByComparingTo("2");
            assertThat(records.get(0).window().end())
                    .isEqualTo(records.get(1).window().begin());
            assertThat(only(PackageUsedUp.class, decision).packageInstanceId()).isEqualTo("p1");
            assertThat(state.totals().in(Account.CARRIED)).isEqualByComparingTo("0.00005");
        }

        @Test
        void what_the_packages_do_not_hold_is_withheld() {
            Decision decision = when(meter("i", 1, "11"));
            assertThat(only(UsageWithheld.class, decision).amount()).isEqualByComparingTo("1");
            assertThat(only(UsageWithheld.class, when(meter("i", 2, "1"))).reason())
                    .isEqualTo(WithholdReason.PACKAGE_USED_UP);
        }

        @Test
        void a_recount_whose_parts_both_run_over_the_packages_leaves_all_of_the_rest_to_a_person() {
            when(freeze("i", at(1, 600)));
            when(unfreeze("i", at(1, 1200)));
            when(meter("i", 1, "20"));
            when(recount("i", 1, part(at(1, 0), at(1, 600), "12"), part(at(1, 1200), at(2, 0), "8")));
            assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("10");
            assertThat(when(recount("i", 1, part(at(1, 0), at(1, 600), "12"), part(at(1, 1200), at(2, 0), "8"))))
                    .isInstanceOf(Decision.AlreadyDone.class);

            when(addPackage("i", "p3", "100"));
            when(billWithheld("i", 1, 0));
            assertThat(state.totals().in(Account.WITHHELD)).isZero();
            assertThat(state.packages().left()).isEqualByComparingTo("90");
        }

        @Test
        void a_package_bought_later_pays_what_a_person_releases() {
            when(meter("i", 1, "11"));
            assertThat(rule(when(billWithheld("i", 1, 0)))).isEqualTo("cannot-be-billed");
            when(addPackage("i", "p3", "5"));
            assertThat(only(UsageRecordIssued.class, when(billWithheld("i", 1, 0)))
                            .packageInstanceId())
                    .isEqualTo("p3");
        }

        @Test
        void that_a_package_is_used_up_is_noticed_once() {
            assertThat(all(PackageUseUpNoticed.class, when(notice("i", "p1")))).hasSize(1);
            assertThat(when(notice("i", "p1"))).isInstanceOf(Decision.AlreadyDone.class);
            assertThat(rule(when(notice("i", "p9")))).isEqualTo("no-such-package");
        }

        @Test
        void a_package_that_was_forgotten_is_not_added_again() {
            for (int i = 0; i < 2 * Packages.USED_UP_STORED; i++) {
                when(addPackage("i", "q" + i, "1"));
                when(meter("i", i + 1, "1"));
            }
            when(meter("i", 50, "10"));
            when(addPackage("i", "last", "1"));
            assertThat(state.packages().balances()).hasSizeLessThanOrEqualTo(Packages.USED_UP_STORED + 1);
            assertThat(when(addPackage("i", "q3", "1"))).isInstanceOf(Decision.AlreadyDone.class);
        }
    }

    @Nested
    class Pricing extends InstanceHistory {

        @Test
        void with_volume_pricing_a_further_record_in_an_hour_is_held() {
            policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
            when(open("i", VOLUME, false, Given.OPENED));
            when(meter("i", 1, "4"));
            assertThat(only(UsageWithheld.class, when(meter("i", 1, 1, "2"))).reason())
                    .isEqualTo(WithholdReason.VOLUME_PRICING);
            assertThat(only(UsageWithheld.class, when(meter("i", 2, "300000000")))
                            .reason())
                    .isEqualTo(WithholdReason.VOLUME_PRICING);
        }

        @Test
        void a_credit_is_taken_from_what_comes_next() {
            policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
            when(open("i"));
            when(meter("i", 1, "4"));
            assertThat(all(UsageRecordIssued.class, when(meter("i", 1, 1, "-1.5"))))
                    .isEmpty();
            assertThat(only(UsageRecordIssued.class, when(meter("i", 2, "5"))).amount())
                    .isEqualByComparingTo("3.5");
            assertThat(state.totals().credits()).isEqualByComparingTo("-1.5");
        }

        @Test
        void a_credit_needs_no_record_and_so_no_pricing_holds_it_back() {
            policy = SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER);
            when(open("i", VOLUME, false, Given.OPENED));
            when(meter("i", 1, "4"));
            assertThat(all(UsageWithheld.class, when(meter("i", 1, 1, "-1.5")))).isEmpty();
            assertThat(only(UsageRecordIssued.class, when(meter("i", 2, "5"))).amount())
                    .isEqualByComparingTo("3.5");
        }

        @Test
        void usage_before_the_opening_can_be_billed_by_setting() {
            policy = new SellerPolicy(
                    LateWindow.HOLD,
                    VolumeExtra.HOLD,
                    UsageBeforeOpened.BILL,
                    SellerPolicy.FreezeAtRenewal.ENDS,
                    PackagePolicy.CAUTIOUS);
            when(open("i", Given.EGRESS, false, at(0, 60)));
            assertThat(only(UsageRecordIssued.class, when(meter("i", 0, "4")))
                            .window()
                            .begin())
                    .isEqualTo(at(0, 60));
        }

        @Test
        void an_hour_older_than_the_marketplace_takes_is_withheld() {
            when(open("i"));
            var fresh = meter("i", 1, "4");
            var old = new MeterHour(
                    fresh.instanceId(),
                    fresh.hour(),
                    0,
                    fresh.countedBy(),
                    fresh.amount(),
                    fresh.events(),
                    fresh.log(),
                    at(1 + 24 * 21, 1));
            assertThat(only(UsageWithheld.class, when(old)).reason()).isEqualTo(WithholdReason.TOO_OLD);
        }

        @Test
        void an_hour_entered_weeks_after_its_close_is_as_old_as_the_entry() {
            when(open("i"));
            assertThat(only(UsageWithheld.class, when(enteredAt(meter("i", 1, "4"), at(1 + 24 * 21, 1))))
                            .reason())
                    .isEqualTo(WithholdReason.TOO_OLD);
            assertThat(only(UsageRecordIssued.class, when(enteredAt(meter("i", 2, "4"), at(1 + 24 * 21, 1))))
                            .amount())
                    .isEqualByComparingTo("4");
        }

        private static MeterHour enteredAt(MeterHour closed, Instant enteredAt) {
            return new MeterHour(
                    closed.instanceId(),
                    closed.hour(),
                    closed.revision(),
                    closed.countedBy(),
                    closed.amount(),
                    closed.events(),
                    closed.log(),
                    new MeterHour.Times(closed.closedAt(), enteredAt));
        }
    }

    @Nested
    class StopWhenUsedUp extends InstanceHistory {

        private static final Product PACKAGE =
                new Product("P-PKG", "egress", ChargingMode.ON_DEMAND_PKG, PricingMode.FIXED, BillingCycle.HOURLY);

        @Test
        void a_package_is_never_opened_as_an_instance_of_its_own() {
            assertThat(rule(when(open("p", PACKAGE, false, Given.OPENED)))).isEqualTo("package-is-no-instance");
            assertThat(rule(when(open("p", PACKAGE, true, Given.OPENED)))).isEqualTo("package-is-no-instance");
        }

        @Test
        void an_instance_never_becomes_a_package() {
            when(open("i"));
            assertThat(rule(when(new UpgradeInstance(new InstanceId("i"), "ORDER-2", PACKAGE, at(1, 0)))))
                    .isEqualTo("package-is-no-instance");
            assertThat(state.origin().product().chargingMode()).isEqualTo(ChargingMode.ON_DEMAND);
        }
    }

    @Nested
    class People extends InstanceHistory {

        @BeforeEach
        void metered() {
            when(open("i"));
            when(meter("i", 1, "4"));
        }

        @Test
        void a_person_bills_what_was_withheld_and_is_named() {
            when(meter("i", 1, 1, "2"));
            Decision decision = when(billWithheld("i", 1, 1));
            assertThat(only(WithheldUsageBilled.class, decision).by().who()).isEqualTo("li.wei");
            assertThat(only(UsageRecordIssued.class, decision).window().end()).isEqualTo(at(2, -1));
            assertThat(when(billWithheld("i", 1, 1))).isInstanceOf(Decision.AlreadyDone.class);
            assertThat(rule(when(writeOffWithheld("i", 1, 1)))).isEqualTo("withheld-gone-otherwise");
        }

        @Test
        void a_person_writes_off_what_was_withheld() {
            when(meter("i", 1, 1, "2"));
            when(writeOffWithheld("i", 1, 1));
            assertThat(state.totals().in(Account.WRITTEN_OFF)).isEqualByComparingTo("2");
            assertThat(when(writeOffWithheld("i", 1, 1))).isInstanceOf(Decision.AlreadyDone.class);
        }

        @Test
        void a_person_never_bills_a_test_instance() {
            InstanceHistory test = new InstanceHistory() {};
            test.when(open("t", Given.EGRESS, true, Given.OPENED));
            test.when(meter("t", 1, "2"));
            assertThat(rule(test.when(billWithheld("t", 1, 0)))).isEqualTo("never-billed");
        }

        @Test
        void a_record_rejected_later_is_disputed_and_issued_again_in_another_window() {
            when(report("i", sn("i", 1)));
            when(dispute("i", sn("i", 1)));
            Decision decision = when(reissue("i", sn("i", 1)));
            assertThat(only(UsageRecordReissued.class, decision).from()).isEqualTo("disputed");
            UsageRecordIssued record = only(UsageRecordIssued.class, decision);
            assertThat(record.amount()).isEqualByComparingTo("4");
            assertThat(record.record().meteringSn()).isNotEqualTo(sn("i", 1).value());
            assertThat(when(reissue("i", sn("i", 1)))).isInstanceOf(Decision.AlreadyDone.class);
        }

        @Test
        void a_refused_record_can_be_written_off() {
            when(refuse("i", sn("i", 1)));
            when(writeOff("i", sn("i", 1)));
            assertThat(state.totals().in(Account.WRITTEN_OFF)).isEqualByComparingTo("4");
        }

        @Test
        void a_record_in_flight_cannot_be_written_off() {
            assertThat(rule(when(writeOff("i", sn("i", 1))))).isEqualTo("record-settled-otherwise");
        }

        @Test
        void a_person_says_what_became_of_an_unknown_record() {
            when(doubt("i", sn("i", 1)));
            assertThat(only(UsageRecordSettled.class, when(settle("i", sn("i", 1), true)))
                            .billed())
                    .isTrue();
            assertThat(state.totals().in(Account.REPORTED)).isEqualByComparingTo("4");
        }

        @Test
        void a_record_that_was_not_billed_counts_as_refused_and_can_be_issued_again() {
            when(doubt("i", sn("i", 1)));
            when(settle("i", sn("i", 1), false));
            assertThat(all(UsageRecordIssued.class, when(reissue("i", sn("i", 1)))))
                    .hasSize(1);
        }

        @Test
        void what_an_ended_instance_carries_is_written_off_by_a_person() {
            when(meter("i", 2, "0.00005"));
            assertThat(rule(when(writeOffRemainder("i")))).isEqualTo("not-released");
            when(release("i", at(5, 0)));
            when(writeOffRemainder("i"));
            assertThat(state.totals().in(Account.CARRIED)).isZero();
        }
    }
}
