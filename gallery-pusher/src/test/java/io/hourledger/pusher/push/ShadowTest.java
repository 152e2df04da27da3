package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.pusher.push.SellerAccount.Beginning;
import io.hourledger.pusher.push.ShadowRecords.HourInShadow;
import io.hourledger.pusher.push.ShadowRecords.Parted;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** While another system reports the usage, ours does all but that; what the other reported is never sent. */
@Tag("servers")
class ShadowTest {

    private static final PushRig stack = new PushRig();
    private static final Instant NINE = PushRig.NINE;
    private static final Instant TEN = NINE.plus(Duration.ofHours(1));
    private static final DecidedBy ANNA = new DecidedBy("anna", "the old meter ends at ten");

    private final ModelGallery gallery = new ModelGallery();
    private final ShadowRecords shadow = new ShadowRecords(stack.jdbc, PushRig.SELLER);
    private int woken;

    @BeforeEach
    void an_account_in_shadow() {
        stack.clear();
        stack.forgetAccounts();
        SellerAccount.compare(stack.jdbc, List.of(new SellerAccount(PushRig.SELLER, Beginning.IN_SHADOW)));
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    private ShadowSettlement settlement() {
        return new ShadowSettlement(
                stack.ledger,
                stack.jdbc,
                stack.transaction,
                stack.businessTime,
                PushRig.SELLER,
                stack.metrics,
                () -> woken++);
    }

    private static List<String> eventsOf(UsageRecordIssued record) {
        return stack.jdbc
                .sql("select event_type from ledger.event where instance_id = :id order by sequence_number")
                .param("id", record.instanceId())
                .query(String.class)
                .list();
    }

    private long inShadow() {
        return shadow.byHour(100).stream().mapToLong(HourInShadow::records).sum();
    }

    private List<String> billed() {
        return new ArrayList<>(gallery.billed().keySet());
    }

    private static List<String> numbers(List<UsageRecordIssued> records) {
        return records.stream().map(record -> record.record().meteringSn()).toList();
    }

    @Test
    void in_shadow_records_are_issued_and_kept_and_none_is_sent_or_called_reported() {
        List<UsageRecordIssued> records = stack.issue(3);
        stack.pusher(gallery).pushAll();
        ShadowSettlement settlement = settlement();
        settlement.settle();

        assertThat(gallery.calls()).isEmpty();
        assertThat(shadow.byHour(10)).containsExactly(new HourInShadow(NINE, 3, 3));
        assertThat(settlement.isInShadow()).isTrue();
        assertThat(eventsOf(records.get(0)))
                .contains("usage-record-issued")
                .doesNotContain("usage-record-reported", "usage-record-refused");
    }

    @Test
    void going_live_writes_off_what_was_reported_elsewhere_and_sends_the_rest() {
        List<UsageRecordIssued> theirs = stack.issue(2, NINE);
        List<UsageRecordIssued> ours = stack.issue(3, TEN);
        stack.businessTime.moveTo(TEN.plus(Duration.ofMinutes(62)));
        assertThat(shadow.parted(UsageHour.of(TEN), stack.businessTime.instant(), Duration.ofDays(21)))
                .isEqualTo(new Parted(2, 3, 0, 0));

        assertThat(shadow.goLive(UsageHour.of(TEN), ANNA, stack.businessTime.instant()))
                .isTrue();
        settlement().settle();
        stack.pusher(gallery).pushAll();

        assertThat(billed()).containsExactlyInAnyOrderElementsOf(numbers(ours));
        assertThat(woken).isPositive();
        assertThat(inShadow()).isZero();
        assertThat(eventsOf(theirs.get(0))).contains("usage-record-refused", "usage-record-written-off");
        assertThat(stack.jdbc
                        .sql("select payload::text from ledger.event where instance_id = :id"
                                + " and event_type = 'usage-record-written-off'")
                        .param("id", theirs.get(0).instanceId())
                        .query(String.class)
                        .single())
                .contains("anna")
                .contains("the old meter ends at ten");
    }

    /** It is late usage of an hour that the other system has reported. */
    @Test
    void a_record_of_an_earlier_hour_that_comes_after_going_live_is_not_sent_either() {
        shadow.goLive(UsageHour.of(TEN), ANNA, TEN);
        List<UsageRecordIssued> late = stack.issue(1, NINE);
        List<UsageRecordIssued> ours = stack.issue(1, TEN);
        stack.pusher(gallery).pushAll();
        settlement().settle();
        stack.pusher(gallery).pushAll();

        assertThat(billed()).containsExactlyElementsOf(numbers(ours));
        assertThat(eventsOf(late.get(0))).contains("usage-record-written-off");
    }

    /** The other system has billed the hour, so the other system gives the credit. */
    @Test
    void a_credit_of_an_hour_from_before_going_live_lowers_no_record_that_is_sent() {
        UsageRecordIssued theirs = stack.issue(1, NINE).getFirst();
        shadow.goLive(UsageHour.of(TEN), ANNA, TEN);
        InstanceId instance = new InstanceId(theirs.instanceId());
        MeterHour lower = new MeterHour(
                instance,
                UsageHour.of(NINE),
                1,
                new CountedBy("requests", 1),
                new BigDecimal("-0.75"),
                new EventSpan(1, NINE, NINE),
                new LogPosition(0, 7, 7),
                TEN.plus(Duration.ofMinutes(62)));

        List<UsageRecordIssued> ours = stack.issued(List.of(lower, PushRig.meterHour(instance, TEN, BigDecimal.ONE)));

        assertThat(ours.getFirst().amount()).isEqualByComparingTo("1");
        assertThat(eventsOf(theirs)).contains("usage-withheld");
    }

    @Test
    void more_records_than_one_step_takes_are_all_settled() {
        List<UsageRecordIssued> theirs = stack.issue(1001, NINE);
        List<UsageRecordIssued> ours = stack.issue(501, TEN);
        shadow.goLive(UsageHour.of(TEN), ANNA, TEN);
        settlement().settle();

        assertThat(inShadow()).isZero();
        assertThat(stack.queued()).isEqualTo(ours.size());
        assertThat(eventsOf(theirs.get(theirs.size() - 1))).contains("usage-record-written-off");
    }

    /** Comparing with the other system has shown that it is wrong. */
    @Test
    void a_record_in_shadow_can_be_withdrawn() {
        List<UsageRecordIssued> records = stack.issue(2, TEN);
        Withdrawal withdrawal = new Withdrawal(stack.jdbc);
        stack.pusher(gallery).pushOnce();
        assertThat(stack.transaction.<Boolean>execute(tx ->
                        withdrawal.takeOff(records.get(0).record().meteringSn()).isEmpty()))
                .isTrue();
        shadow.goLive(UsageHour.of(TEN), ANNA, TEN);
        settlement().settle();
        stack.pusher(gallery).pushAll();
        assertThat(billed()).containsExactlyElementsOf(numbers(records.subList(1, 2)));
    }

    /** It may be a restored database, which does not know what its later state has sent. */
    @Test
    void while_pushing_is_suspended_nobody_goes_live_and_nothing_is_written_off() {
        List<UsageRecordIssued> theirs = stack.issue(1, NINE);
        new PushSuspension(stack.jdbc).suspend("restored");
        assertThat(shadow.goLive(UsageHour.of(TEN), ANNA, TEN)).isFalse();
        stack.jdbc
                .sql("update pusher.push_suspension set resumed_at = now(), resumed_by = 'anna', resumed_why = 'so'")
                .update();
        assertThat(shadow.goLive(UsageHour.of(TEN), ANNA, TEN)).isTrue();
        new PushSuspension(stack.jdbc).suspend("restored");
        settlement().settle();
        assertThat(eventsOf(theirs.get(0))).doesNotContain("usage-record-written-off");
    }

    @Test
    void an_account_goes_live_once() {
        assertThat(shadow.goLive(UsageHour.of(TEN), ANNA, TEN)).isTrue();
        assertThat(shadow.goLive(UsageHour.of(NINE), new DecidedBy("bert", "no, at nine"), TEN))
                .isFalse();
        assertThat(shadow.standing())
                .hasValueSatisfying(standing -> assertThat(standing.from()).isEqualTo(TEN));
    }

    /** Else taking a setting away would send, and bill again, all that the other system has reported. */
    @Test
    void without_its_setting_an_account_in_shadow_does_not_start() {
        assertThatThrownBy(() -> SellerAccount.compare(
                        stack.jdbc, List.of(new SellerAccount(PushRig.SELLER, Beginning.REPORTS))))
                .isInstanceOf(SellerAccountMismatchException.class)
                .hasMessageContaining("./metering marketplace go-live");

        shadow.goLive(UsageHour.of(TEN), ANNA, TEN);
        SellerAccount.compare(stack.jdbc, List.of(new SellerAccount(PushRig.SELLER, Beginning.REPORTS)));
        SellerAccount.compare(stack.jdbc, List.of(new SellerAccount(PushRig.SELLER, Beginning.IN_SHADOW)));
    }

    @Test
    void an_account_that_always_reported_does_not_start_in_shadow() {
        stack.forgetAccounts();
        SellerAccount.compare(stack.jdbc, List.of(new SellerAccount(PushRig.SELLER, Beginning.REPORTS)));

        assertThatThrownBy(() -> SellerAccount.compare(
                        stack.jdbc, List.of(new SellerAccount(PushRig.SELLER, Beginning.IN_SHADOW))))
                .isInstanceOf(SellerAccountMismatchException.class)
                .hasMessageContaining("hourledger.pusher.shadow");
        assertThat(shadow.standing()).hasValueSatisfying(standing -> assertThat(standing.isInShadow())
                .isFalse());
    }
}
