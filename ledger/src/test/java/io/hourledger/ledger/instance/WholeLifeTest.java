package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.addPackage;
import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.freeze;
import static io.hourledger.ledger.instance.Given.hour;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.part;
import static io.hourledger.ledger.instance.Given.recount;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.reissue;
import static io.hourledger.ledger.instance.Given.release;
import static io.hourledger.ledger.instance.Given.renew;
import static io.hourledger.ledger.instance.Given.report;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Everything that can happen to an instance, in one life, each at the moment that is worst for the hour beside it. */
@Tag("fast")
class WholeLifeTest extends InstanceHistory {

    private static final Product LARGER =
            new Product("P-LARGER", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
    private static final Product BY_PERIOD =
            new Product("P-PERIOD", "egress", ChargingMode.PERIOD, PricingMode.FIXED, BillingCycle.HOURLY);

    private List<UsageRecordIssued> records(Decision decision) {
        return all(UsageRecordIssued.class, decision);
    }

    private void upgrade(String order, Product product, java.time.Instant at) {
        assertThat(when(new UpgradeInstance(new InstanceId("i"), order, product, at)))
                .isInstanceOf(Decision.Done.class);
    }

    @Test
    void every_hour_of_a_life_is_billed_by_what_held_in_it() {
        when(open("i", Given.EGRESS, false, at(0, 600)));
        // frozen while its order waited, renewed half an hour later
        when(freeze("i", at(0, 600)));
        when(renew("i", "CS-2", at(1, 1800)));
        assertThat(records(when(meter("i", hour(0), 0, "1", at(0, 700), at(0, 800)))))
                .isEmpty();
        when(meter("i", 1, "10"));
        assertThat(records(when(recount("i", 1, part(at(1, 0), at(1, 1800), "4"), part(at(1, 1800), at(2, 0), "6")))))
                .singleElement()
                .satisfies(record -> assertThat(record.amount()).isEqualByComparingTo("6"));

        // upgraded, and then to a product that is not sold by use, before the hours were closed
        upgrade("CS-3", LARGER, at(3, 1200));
        upgrade("CS-4", BY_PERIOD, at(5, 0));
        UsageRecordIssued second = records(when(meter("i", 2, "2"))).getFirst();
        when(meter("i", 3, "9"));
        assertThat(records(when(recount("i", 3, part(at(3, 0), at(3, 1200), "5"), part(at(3, 1200), at(4, 0), "4")))))
                .hasSize(2);
        assertThat(records(when(meter("i", 4, "8")))).hasSize(1);
        assertThat(records(when(meter("i", 5, "100")))).isEmpty();
        MeteringSn refused = new MeteringSn(second.record().meteringSn());
        when(refuse("i", refused));
        assertThat(records(when(reissue("i", refused))))
                .as("issued again in the hour of its usage, though its product is long gone")
                .singleElement()
                .satisfies(record -> assertThat(record.window().begin()).isEqualTo(at(2, 0)));

        // sold by use again, with a package, and released within an hour
        upgrade("CS-5", LARGER, at(6, 0));
        when(addPackage("i", "p", "3"));
        assertThat(records(when(meter("i", 6, "3"))).getFirst().packageInstanceId())
                .isEqualTo("p");
        when(release("i", at(7, 600)));
        assertThat(records(when(meter("i", hour(7), 0, "1", at(7, 700), at(7, 800)))))
                .isEmpty();

        stream.stream()
                .filter(event -> event instanceof UsageRecordIssued issued
                        && !issued.record().equals(second.record()))
                .toList()
                .forEach(issued -> when(report(
                        "i",
                        new MeteringSn(((UsageRecordIssued) issued).record().meteringSn()))));
        Totals totals = state.totals();
        assertThat(totals.metered()).isEqualByComparingTo("134");
        assertThat(totals.in(Account.REPORTED)).isEqualByComparingTo("28");
        assertThat(totals.in(Account.REFUSED)).isZero();
        assertThat(totals.in(Account.WITHHELD)).isEqualByComparingTo("106");
        assertThat(totals.in(Account.IN_FLIGHT)).isZero();
        assertThat(totals.balanced()).isTrue();
    }
}
