package io.hourledger.aggregator.recount;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.recount.Receipt.QuarantinedRecord;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Usage by keys that are bound to products, from the log to the bill and back. */
@Tag("servers")
class ForbiddenUsageTest extends BilledHourRig {

    private static final String OWN = Usage.WEB_EGRESS.productId();
    private static final String ANOTHER = "archive-egress";

    /** Of the same meter, as it must be. */
    private void upgradeToAnother() {
        Product archive =
                new Product(ANOTHER, "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
        stack.ledger()
                .handleAll(
                        List.of(new UpgradeInstance(new InstanceId("i-1"), "upgrade", archive, TEN.plusSeconds(1800))));
    }

    private void useTenOClock() {
        stack.open("i-1");
        send("by a key without products", 1, "1000000");
        sendBound("own", 2, "2000000", OWN, "another");
        sendBound("foreign", 3, "4000000", ANOTHER);
        upgradeToAnother();
        sendBound("after the upgrade", 4, "8000000", ANOTHER);
    }

    @Test
    void what_a_key_of_another_product_sends_is_on_no_bill_and_its_receipt_says_so() {
        stack.start();
        useTenOClock();

        assertThat(stack.reasons()).containsExactly("forbidden");
        assertThat(receipt(2)).isInstanceOfSatisfying(QuarantinedRecord.class, aside -> {
            assertThat(aside.reason()).isEqualTo("forbidden");
            assertThat(aside.detail()).contains(ANOTHER, OWN);
        });
        assertThat(stack.sql()
                        .sql("select bool_and(consumed = counted + quarantined) from aggregator.partition_position")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        closeThrough(0);
        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 11"));
    }

    /** The instance has another product by then, and nobody could decide the same from that. */
    @Test
    void a_recount_forbids_what_was_forbidden_and_nothing_else() {
        stack.start();
        useTenOClock();
        closeThrough(0);
        soon().untilAsserted(() -> assertThat(amounts()).containsExactly("0: 11"));

        HourComparison verified = verified(recount(), revisions());
        assertThat(verified.differences()).isEmpty();
        assertThat(verified.equal()).isEqualTo(1);
        assertThat(trace(revisions().getFirst()))
                .containsExactly("by a key without products", "own", "after the upgrade");
    }

    @Test
    void who_counts_a_partition_anew_decides_as_before() {
        Aggregator first = stack.start();
        useTenOClock();
        stack.stop(first);
        assertThat(stack.buckets().values()).extracting(Object::toString).containsExactly("11000000");
        List.of("counted_ids", "ids_on_disk", "sorted_id_block", "quarantine", "bucket")
                .forEach(table ->
                        stack.sql().sql("delete from aggregator." + table).update());
        stack.sql()
                .sql("update aggregator.partition_position set checkpoint = 0, next_offset = 0, consumed = 0,"
                        + " counted = 0, duplicates = 0, quarantined = 0, filtered_out = 0, amendments = 0")
                .update();

        stack.start();
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
        assertThat(stack.buckets().values()).extracting(Object::toString).containsExactly("11000000");
        assertThat(stack.reasons()).containsExactly("forbidden");
    }

    /** Quarantine takes no id, so the app or a person may send the event again. */
    @Test
    void before_its_instance_is_open_usage_of_a_bound_key_is_quarantined_and_counts_when_it_comes_again() {
        stack.start();
        sendBound("early", 1, "1000000", OWN);
        assertThat(stack.reasons()).containsExactly("forbidden");
        assertThat(stack.buckets()).isEmpty();

        stack.open("i-1");
        sendBound("early", 1, "1000000", OWN);
        sendBound("early", 1, "1000000", OWN);
        assertThat(stack.reasons()).containsExactly("forbidden");
        assertThat(stack.buckets().values()).extracting(Object::toString).containsExactly("1000000");
    }
}
