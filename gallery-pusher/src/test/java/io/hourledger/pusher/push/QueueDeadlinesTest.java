package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How much time the records on the queue have left, and how many have none. */
@Tag("servers")
class QueueDeadlinesTest {

    private static final Product DAILY =
            new Product("web-days", "requests", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.DAILY);
    private static final Instant TEN = PushRig.NINE.plus(Duration.ofHours(1));

    private static final PushRig stack = new PushRig();

    private final QueueWatch watch = new QueueWatch(
            stack.jdbc, stack.transaction, stack.businessTime, () -> 0, PushRig.KOOGALLERY.deadlines(), PushRig.SELLER);

    @BeforeEach
    void anEmptyQueue() {
        stack.clear();
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    private QueueWatch.View at(Duration afterTheHour) {
        stack.businessTime.moveTo(TEN.plus(afterTheHour));
        watch.look();
        return watch.view();
    }

    @Test
    void a_record_is_late_at_minute_15_and_delayed_after_two_hours() {
        stack.issue(2);
        assertThat(at(Duration.ofMinutes(14)).late()).isZero();
        assertThat(watch.secondsToCollection()).isEqualTo(60);
        assertThat(watch.secondsToDelay()).isEqualTo(106 * 60);

        QueueWatch.View late = at(Duration.ofMinutes(119));
        assertThat(late.late()).isEqualTo(2);
        assertThat(late.overdue().delayed()).isZero();
        assertThat(watch.secondsToCollection()).isEqualTo(-104 * 60);
        assertThat(watch.secondsToDelay()).isEqualTo(60);

        assertThat(at(Duration.ofMinutes(120)).overdue().delayed()).isEqualTo(2);
        assertThat(watch.secondsToDelay()).isZero();
    }

    @Test
    void a_record_of_18_days_is_counted_and_has_three_days_left() {
        stack.issue(1);
        assertThat(at(Duration.ofDays(18).minusMinutes(61)).overdue().aged()).isZero();
        assertThat(at(Duration.ofDays(18).minusMinutes(60)).overdue().aged()).isOne();
        assertThat(watch.secondsToAgeLimit()).isEqualTo(Duration.ofDays(3).toSeconds());
    }

    @Test
    void an_empty_queue_has_all_the_time_there_is() {
        at(Duration.ofDays(30));
        assertThat(watch.secondsToCollection()).isEqualTo(15 * 60);
        assertThat(watch.secondsToDelay()).isEqualTo(2 * 3600);
        assertThat(watch.secondsToAgeLimit()).isEqualTo(21 * 86_400);
    }

    @Test
    void what_was_seen_last_grows_older_though_nobody_looks_again() {
        stack.issue(1);
        at(Duration.ofMinutes(5));
        stack.businessTime.moveTo(TEN.plus(Duration.ofHours(5)));
        assertThat(watch.secondsToDelay()).isEqualTo(-3 * 3600);
    }

    /** koogallery.md 1.8: 01:00 of the next day, which is 17:00 UTC. */
    @Test
    void an_hour_of_a_product_billed_daily_is_late_on_the_next_day() {
        InstanceId id = new InstanceId("daily");
        List<UsageRecordIssued> issued = stack.issued(List.of(
                new OpenInstance(id, "order", "line", DAILY, "buyer", false, PushRig.NINE),
                PushRig.meterHour(id, PushRig.NINE, BigDecimal.ONE)));
        assertThat(issued).hasSize(1);
        assertThat(at(Duration.ofMinutes(15)).late()).isZero();
        assertThat(watch.secondsToCollection())
                .isEqualTo(Duration.ofHours(7).minusMinutes(15).toSeconds());
        assertThat(at(Duration.ofHours(7)).late()).isOne();
    }
}
