package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.marketplace.Marketplace.Unclear;
import io.hourledger.pusher.marketplace.PushAnswer;
import io.hourledger.pusher.marketplace.Rejection;
import io.hourledger.pusher.push.PushOutcome.Again;
import io.hourledger.pusher.push.PushOutcome.OutcomeUnknown;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class PushAnswerPolicyTest {

    private static final PendingRecord RECORD = new PendingRecord(
            "sn",
            "i",
            new UsageWindow(Instant.parse("2026-11-24T09:00:00Z"), Instant.parse("2026-11-24T10:00:00Z")),
            new byte[0],
            DeliveryCertainty.NEVER,
            0,
            false,
            null);

    private static PushOutcome afterSilence(Unclear unclear) {
        Marketplace gallery = PushRig.KOOGALLERY;
        Marketplace marketplace = new Marketplace(
                gallery.usage(), gallery.answers(), gallery.records(), gallery.deadlines(), 100, unclear);
        return new PushAnswerPolicy(marketplace, record -> true, record -> false)
                .outcomes(new PushAnswer.Unclear("no answer", null, false), List.of(RECORD), 1, RecentCallHistory.GOOD)
                .get(0);
    }

    private static PushOutcome afterARefusedCall(List<PendingRecord> records, int refusedBefore) {
        RecentCallHistory history = RecentCallHistory.GOOD;
        for (int i = 0; i < refusedBefore; i++) {
            history = history.afterRefused();
        }
        return new PushAnswerPolicy(PushRig.KOOGALLERY, record -> true, record -> false)
                .outcomes(
                        new PushAnswer.RefusedCall("9001", "no such instance", Rejection.REFUSED_TODAY),
                        records,
                        records.size(),
                        history)
                .get(0);
    }

    /** A marketplace that refuses all may be at fault itself, and each record that is singled out needs a person. */
    @Test
    void a_refused_call_backs_off_from_the_start_only_while_all_calls_are_refused() {
        assertThat(afterARefusedCall(List.of(RECORD, RECORD), 9))
                .isEqualTo(new Again(
                        DeliveryCertainty.AS_PART, PushOutcome.Grouping.SUSPECT, PushOutcome.Pause.AFTER_SOME_TRIES));
        assertThat(afterARefusedCall(List.of(RECORD, RECORD), 10))
                .isEqualTo(
                        new Again(DeliveryCertainty.AS_PART, PushOutcome.Grouping.SUSPECT, PushOutcome.Pause.GROWING));
    }

    @Test
    void a_record_is_not_refused_for_good_while_all_calls_are_refused() {
        assertThat(afterARefusedCall(List.of(RECORD), 9)).isInstanceOf(PushOutcome.Refused.class);
        assertThat(afterARefusedCall(List.of(RECORD), 10))
                .isEqualTo(
                        new Again(DeliveryCertainty.NEVER, PushOutcome.Grouping.UNCHANGED, PushOutcome.Pause.GROWING));
    }

    @Test
    void a_record_singled_out_by_refused_calls_is_refused_only_if_another_was_accepted_since_the_first_of_them() {
        PendingRecord carriedByThree = new PendingRecord(
                RECORD.meteringSn(),
                RECORD.instanceId(),
                RECORD.window(),
                RECORD.body(),
                RECORD.arrival(),
                3,
                true,
                7L);
        assertThat(afterARefusedCall(List.of(carriedByThree), 3))
                .isEqualTo(new Again(DeliveryCertainty.NEVER, PushOutcome.Grouping.SUSPECT, PushOutcome.Pause.GROWING));
        assertThat(afterARefusedCall(List.of(carriedByThree), 2)).isInstanceOf(PushOutcome.Refused.class);
    }

    @Test
    void the_identical_record_goes_again_where_it_is_taken_once() {
        assertThat(afterSilence(Unclear.GOES_AGAIN)).isInstanceOf(Again.class);
    }

    @Test
    void a_record_that_may_be_taken_twice_needs_a_person() {
        assertThat(afterSilence(Unclear.NEEDS_A_PERSON)).isInstanceOf(OutcomeUnknown.class);
    }

    /** Hosts that disagree about a key refuse a good record however often it is sent, while others are accepted. */
    @Test
    void a_signature_that_is_refused_while_a_key_is_changed_is_never_a_records_fault() {
        RecentCallHistory often = RecentCallHistory.GOOD.withFailedAlone(9);
        assertThat(notAllowedAlone(Rejection.OF_OUR_KEY, often))
                .isEqualTo(new Again(DeliveryCertainty.NEVER, PushOutcome.Grouping.SUSPECT, PushOutcome.Pause.GROWING));
        assertThat(notAllowedAlone(Rejection.REFUSED_TODAY, often)).isInstanceOf(PushOutcome.Refused.class);
    }

    private static PushOutcome notAllowedAlone(Rejection rejection, RecentCallHistory history) {
        return new PushAnswerPolicy(PushRig.KOOGALLERY, record -> true, record -> false)
                .outcomes(
                        new PushAnswer.NotAllowed("0102", "wrong signature", false, rejection),
                        List.of(RECORD),
                        1,
                        history)
                .get(0);
    }
}
