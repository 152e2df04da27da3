package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.freeze;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.part;
import static io.hourledger.ledger.instance.Given.recount;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceEvent.HourRecounted;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A later revision that lowers an hour with two sides lowers each side by what is its own. */
@Tag("fast")
class SplitCreditTest extends InstanceHistory {

    @BeforeEach
    void billedOnOneSide() {
        when(open("i"));
        when(freeze("i", at(1, 600)));
        when(meter("i", 1, "10"));
        when(recount("i", 1, part(at(1, 0), at(1, 600), "6"), part(at(1, 600), at(2, 0), "4")));
        when(Given.unfreeze("i", at(2, 0)));
    }

    @Test
    void a_credit_on_both_sides_lowers_the_next_record_by_the_billable_one() {
        assertThat(only(UsageWithheld.class, when(meter("i", 1, 1, "-3"))).reason())
                .isEqualTo(WithholdReason.MIXED_HOUR);
        Decision split = when(recount("i", 1, 1, part(at(1, 0), at(1, 600), "-2"), part(at(1, 600), at(2, 0), "-1")));
        assertThat(only(HourRecounted.class, split).billable()).isEqualByComparingTo("-2");
        assertThat(state.totals().in(Account.CARRIED)).isEqualByComparingTo("-2");
        assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("3");
        assertThat(only(UsageRecordIssued.class, when(meter("i", 2, "5"))).amount())
                .isEqualByComparingTo("3");
    }

    @Test
    void a_credit_on_the_billable_side_alone_is_not_hidden_by_the_other() {
        when(meter("i", 1, 1, "-2"));
        when(recount("i", 1, 1, part(at(1, 0), at(1, 600), "-5"), part(at(1, 600), at(2, 0), "3")));
        assertThat(state.totals().in(Account.CARRIED)).isEqualByComparingTo("-5");
        assertThat(state.totals().in(Account.WITHHELD)).isEqualByComparingTo("7");
    }
}
