package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReissueUsageRecord;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.StoredEvent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
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

    /** The marketplace takes none of them, so nobody is woken for their lateness. That they grow old is counted apart. */
    @Test
    void a_record_that_waits_for_a_frozen_instance_is_late_for_nobody() {
        InstanceId frozen = instanceOf(stack.issue(1));
        waitsForUnfreezing(frozen);

        QueueWatch.View view = at(Duration.ofHours(3));
        assertThat(view.frozen()).isEqualTo(new QueueWatch.Frozen(1, 0));
        assertThat(view.late()).isZero();
        assertThat(view.overdue()).isEqualTo(new QueueWatch.Overdue(0, 0));
        assertThat(watch.oldestAgeSeconds()).isZero();
        assertThat(watch.secondsToCollection()).isEqualTo(15 * 60);
        assertThat(watch.secondsToAgeLimit()).isEqualTo(21 * 86_400);

        assertThat(at(Duration.ofDays(18)).frozen()).isEqualTo(new QueueWatch.Frozen(1, 1));
        assertThat(watch.view().overdue().aged()).isZero();
    }

    @Test
    void beside_a_record_of_a_frozen_instance_another_is_late_as_ever() {
        waitsForUnfreezing(instanceOf(stack.issue(1)));
        stack.issue(1, TEN);
        at(Duration.ofMinutes(76));
        assertThat(watch.secondsToCollection()).isEqualTo(-60);
        assertThat(watch.oldestAgeSeconds()).isEqualTo(16 * 60);
    }

    /** It could not be sent before: nobody is to be woken for the seconds until it is. */
    @Test
    void a_record_whose_instance_is_unfrozen_is_expected_with_that_hour() {
        InstanceId frozen = instanceOf(stack.issue(1));
        waitsForUnfreezing(frozen);
        stack.businessTime.moveTo(TEN.plus(Duration.ofMinutes(140)));
        stack.read(List.of(new StoredEvent(0, new InstanceUnfrozen(frozen.value(), stack.businessTime.instant()))));

        QueueWatch.View view = at(Duration.ofMinutes(140));
        assertThat(view.late()).as("its lane").isOne();
        assertThat(view.overdue().delayed()).isZero();
        assertThat(watch.secondsToCollection()).isEqualTo(55 * 60);
    }

    /** koogallery.md 1.8: what was sent late goes with the next collection. A record that did not exist could not be sent. */
    @Test
    void a_reissued_record_is_expected_with_the_hour_in_which_it_was_issued() {
        UsageRecordIssued first = stack.issue(1).getFirst();
        InstanceId id = new InstanceId(first.instanceId());
        MeteringSn sn = new MeteringSn(first.record().meteringSn());
        Instant decided = TEN.plus(Duration.ofMinutes(140));
        stack.issued(List.of(
                new RefuseUsageRecord(id, sn, "MKT.9001", "no such instance", TEN),
                new ReissueUsageRecord(id, sn, new DecidedBy("li.wei", "its id was mended"), decided)));

        QueueWatch.View view = at(Duration.ofMinutes(140));
        assertThat(view.late()).as("its lane").isOne();
        assertThat(view.overdue().delayed()).isZero();
        assertThat(watch.secondsToCollection()).isEqualTo(55 * 60);
        assertThat(watch.secondsToDelay()).isEqualTo(160 * 60);
        assertThat(watch.oldestAgeSeconds()).isZero();
        assertThat(watch.secondsToAgeLimit())
                .as("that of its own hour")
                .isEqualTo(Duration.ofDays(21).minusMinutes(200).toSeconds());
    }

    /** Not of the hour's end: it is collected on the next day. */
    @Test
    void the_age_of_a_record_of_a_product_billed_daily_begins_when_it_is_due() {
        InstanceId id = new InstanceId("daily-age");
        stack.issued(List.of(
                new OpenInstance(id, "order", "line", DAILY, "buyer", false, PushRig.NINE),
                PushRig.meterHour(id, PushRig.NINE, BigDecimal.ONE)));
        at(Duration.ofHours(6));
        assertThat(watch.oldestAgeSeconds()).isZero();
        at(Duration.ofHours(7));
        assertThat(watch.oldestAgeSeconds()).isEqualTo(15 * 60);
    }

    @Test
    void what_no_pusher_has_taken_from_the_outbox_is_expected_too() {
        InstanceId id = new InstanceId("daily-outbox");
        stack.issued(List.of(
                new OpenInstance(id, "order", "line", DAILY, "buyer", false, PushRig.NINE.minusSeconds(3600)),
                PushRig.meterHour(id, PushRig.NINE.minusSeconds(3600), BigDecimal.ONE)));
        stack.issue(1);
        stack.jdbc
                .sql(
                        """
                        insert into ledger.outbox (metering_sn, instance_id, hour, begin_at, end_at, amount, record_time, billing_cycle, account)
                        select metering_sn, instance_id, begin_at, begin_at, end_at, 1, end_at,
                               case when instance_id = 'daily-outbox' then 'DAILY' else 'HOURLY' end, account
                          from pusher.work""")
                .update();
        stack.jdbc.sql("truncate pusher.work").update();
        at(Duration.ofMinutes(16));
        assertThat(watch.secondsToCollection())
                .as("the hourly one, though the daily one's hour is the older")
                .isEqualTo(-60);
    }

    private static InstanceId instanceOf(List<UsageRecordIssued> records) {
        return new InstanceId(records.getFirst().instanceId());
    }

    private static void waitsForUnfreezing(InstanceId id) {
        stack.read(List.of(new StoredEvent(0, new InstanceFrozen(id.value(), TEN))));
        stack.jdbc
                .sql("update pusher.work set backing_off = true, not_before = 'infinity' where instance_id = :id")
                .param("id", id.value())
                .update();
    }

    /** After a re-rating, old hours stand first, and all of them are collected with the present hour. */
    @Test
    void a_fresh_record_is_late_though_thousands_of_old_hours_were_issued_before_it() {
        stack.jdbc
                .sql(
                        """
                        insert into ledger.outbox (metering_sn, instance_id, hour, begin_at, end_at, amount, record_time, billing_cycle,
                                                   collected_with, account)
                        select 're-rated-' || n, 'i', :hour - n * interval '1 second', :hour, :hour, 1, :hour, 'HOURLY',
                               case n when 0 then null else :hour + interval '10 hours' end, :account
                          from generate_series(0, 10001) n""")
                .param("hour", PushRig.NINE.atOffset(ZoneOffset.UTC))
                .param("account", PushRig.SELLER)
                .update();
        at(Duration.ofMinutes(20));
        assertThat(watch.secondsToCollection()).isEqualTo(-5 * 60);
    }
}
