package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.addPackage;
import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.expire;
import static io.hourledger.ledger.instance.Given.expirePackage;
import static io.hourledger.ledger.instance.Given.freeze;
import static io.hourledger.ledger.instance.Given.freezePackage;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.renew;
import static io.hourledger.ledger.instance.Given.renewFrozenPackage;
import static io.hourledger.ledger.instance.Given.renewPackage;
import static io.hourledger.ledger.instance.Given.unfreeze;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.RenewInstance;
import io.hourledger.contracts.instance.InstanceEvent.InstanceRenewed;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageRenewed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.instance.SellerPolicy.FreezeAtRenewal;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import io.hourledger.ledger.instance.SellerPolicy.UsageBeforeOpened;
import io.hourledger.ledger.instance.SellerPolicy.VolumeExtra;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Callbacks V2.0 have no call that expires an instance: a freeze is the expiry, and renewing unfreezes. */
@Tag("fast")
class RenewalTest extends InstanceHistory {

    private static final SellerPolicy FREEZE_STAYS = new SellerPolicy(
            LateWindow.HOLD, VolumeExtra.HOLD, UsageBeforeOpened.HOLD, FreezeAtRenewal.STAYS, PackagePolicy.CAUTIOUS);

    @BeforeEach
    void frozen() {
        when(open("i"));
        when(freeze("i", at(1, 0)));
    }

    @Test
    void a_renewal_ends_a_freeze() {
        assertThat(types(when(renew("i", "CS-2", at(2, 0)))))
                .containsExactly(InstanceRenewed.class, InstanceUnfrozen.class);
        assertThat(only(UsageWithheld.class, when(meter("i", 1, "4"))).reason()).isEqualTo(WithholdReason.FROZEN);
        assertThat(all(UsageRecordIssued.class, when(meter("i", 2, "4")))).hasSize(1);
        assertThat(when(unfreeze("i", at(2, 10)))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(when(renew("i", "CS-2", at(2, 20)))).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void frozen_again_after_the_renewal_it_stays_frozen() {
        when(renew("i", "CS-2", at(2, 0)));
        when(freeze("i", at(3, 0)));
        assertThat(when(renew("i", "CS-2", at(3, 10)))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(only(UsageWithheld.class, when(meter("i", 3, "4"))).reason()).isEqualTo(WithholdReason.FROZEN);
    }

    /** The marketplace cancels a renewal under the order that renewed. */
    @Test
    void one_order_renews_once_for_each_end_of_the_term() {
        RenewInstance bought = RenewInstance.unchanged(new InstanceId("i"), "CS-2", at(9, 0), at(2, 0));
        RenewInstance cancelled = new RenewInstance(new InstanceId("i"), "CS-2", at(5, 0), null, false, at(2, 10));
        assertThat(when(bought)).isInstanceOf(Decision.Done.class);
        assertThat(when(cancelled)).isInstanceOf(Decision.Done.class);
        assertThat(when(cancelled)).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(when(bought)).isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void a_term_that_is_over_already_ends_no_freeze() {
        when(RenewInstance.unchanged(new InstanceId("i"), "CS-2", at(1, 0), at(2, 0)));
        assertThat(only(UsageWithheld.class, when(meter("i", 2, "4"))).reason()).isEqualTo(WithholdReason.FROZEN);
    }

    @Test
    void a_term_that_is_over_already_lifts_no_expiry() {
        when(unfreeze("i", at(1, 10)));
        when(expire("i", at(1, 20)));
        when(RenewInstance.unchanged(new InstanceId("i"), "CS-2", at(1, 30), at(2, 0)));
        assertThat(only(UsageWithheld.class, when(meter("i", 2, "4"))).reason()).isEqualTo(WithholdReason.EXPIRED);
        when(RenewInstance.unchanged(new InstanceId("i"), "CS-3", at(9, 0), at(3, 0)));
        assertThat(all(UsageRecordIssued.class, when(meter("i", 3, "4")))).hasSize(1);
    }

    @Test
    void a_renewal_ends_the_freeze_of_a_package_too() {
        when(unfreeze("i", at(1, 10)));
        when(addPackage("i", "p1", "100", at(1, 10)));
        when(freezePackage("i", "p1", at(2, 0)));
        assertThat(only(UsageWithheld.class, when(meter("i", 2, "4"))).reason())
                .isEqualTo(WithholdReason.PACKAGE_USED_UP);

        assertThat(types(when(renewFrozenPackage("i", "p1", "CS-2", at(9, 0), at(3, 0)))))
                .containsExactly(PackageRenewed.class, PackageUnfrozen.class);

        assertThat(only(UsageRecordIssued.class, when(meter("i", 3, "4"))).packageInstanceId())
                .isEqualTo("p1");
        when(freezePackage("i", "p1", at(4, 0)));
        assertThat(when(renewFrozenPackage("i", "p1", "CS-2", at(9, 0), at(4, 10))))
                .as("a repeat ends no later freeze")
                .isInstanceOf(Decision.AlreadyDone.class);
    }

    @Test
    void a_package_stays_frozen_if_the_term_is_over_or_another_call_ends_it_or_the_setting_says_so() {
        when(unfreeze("i", at(1, 10)));
        when(addPackage("i", "p1", "100", at(1, 10)));
        when(freezePackage("i", "p1", at(2, 0)));

        assertThat(rule(when(renewFrozenPackage("i", "p1", "CS-2", at(2, 0), at(3, 0)))))
                .isEqualTo("package-not-expired");
        assertThat(rule(when(renewPackage("i", "p1", "CS-2", at(3, 0))))).isEqualTo("package-not-expired");
        policy = FREEZE_STAYS;
        assertThat(rule(when(renewFrozenPackage("i", "p1", "CS-2", at(9, 0), at(3, 0)))))
                .isEqualTo("package-not-expired");
        when(expirePackage("i", "p1", at(3, 10)));
        assertThat(types(when(renewFrozenPackage("i", "p1", "CS-2", at(9, 0), at(3, 20)))))
                .containsExactly(PackageRenewed.class);
        assertThat(only(UsageWithheld.class, when(meter("i", 4, "4"))).reason())
                .isEqualTo(WithholdReason.PACKAGE_USED_UP);
    }

    @Test
    void where_the_setting_says_so_only_a_call_ends_a_freeze() {
        policy = FREEZE_STAYS;
        when(renew("i", "CS-2", at(2, 0)));
        assertThat(only(UsageWithheld.class, when(meter("i", 2, "4"))).reason()).isEqualTo(WithholdReason.FROZEN);
        when(unfreeze("i", at(3, 0)));
        assertThat(all(UsageRecordIssued.class, when(meter("i", 3, "4")))).hasSize(1);
    }

    /** A late repeat, or a term that was taken back: what was paid for is over. */
    @Test
    void a_package_that_has_expired_stays_so_if_the_term_of_its_renewal_is_over() {
        when(unfreeze("i", at(1, 10)));
        when(addPackage("i", "p1", "100", at(1, 10)));
        when(expirePackage("i", "p1", at(2, 0)));

        assertThat(rule(when(renewFrozenPackage("i", "p1", "CS-2", at(3, 0), at(3, 10)))))
                .isEqualTo("package-term-over");
        assertThat(only(UsageWithheld.class, when(meter("i", 3, "4"))).reason())
                .isEqualTo(WithholdReason.PACKAGE_USED_UP);
        assertThat(types(when(renewFrozenPackage("i", "p1", "CS-2", at(9, 0), at(4, 0)))))
                .as("the same order names a term that runs")
                .containsExactly(PackageRenewed.class);
    }
}
