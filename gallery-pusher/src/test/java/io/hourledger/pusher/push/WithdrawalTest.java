package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.pusher.push.CrashPoint.Step;
import io.hourledger.pusher.push.ModelGallery.Mood;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A record that is known to be wrong is taken off the queue before it is sent, or not at all. */
@Tag("servers")
class WithdrawalTest {

    private static final PushRig stack = new PushRig();

    private final ModelGallery gallery = new ModelGallery();
    private final InMemorySentCallJournal journal = new InMemorySentCallJournal();

    @BeforeEach
    void anEmptyQueue() {
        stack.clear();
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    private static Optional<String> withdraw(UsageRecordIssued record) {
        Withdrawal withdrawal = new Withdrawal(stack.jdbc);
        return Objects.requireNonNull(stack.transaction.execute(
                tx -> withdrawal.takeOff(record.record().meteringSn())));
    }

    private OnePusher pusher() {
        return stack
        .new OnePusher(
                PushRig.settings("one", PushRig.LONG_LEASE, 1000), gallery, CrashPoint.NONE, stack.ledger, journal);
    }

    /** It runs, and nothing is due. */
    private OnePusher comparedWithTheJournal() {
        OnePusher pusher = pusher();
        pusher.pushOnce();
        return pusher;
    }

    private static void assertNotWithdrawn(UsageRecordIssued record, String because) {
        assertThat(withdraw(record)).hasValueSatisfying(why -> assertThat(why).contains(because));
        assertThat(stack.queued()).isOne();
    }

    /** Reissued under another number, it would be billed twice. */
    @Test
    void a_record_that_a_lost_state_of_the_database_sent_is_not() {
        comparedWithTheJournal().lease.giveUp();
        UsageRecordIssued record = stack.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(stack.jdbc);
        pusher().pushAll();
        assertThat(gallery.billed()).hasSize(1);
        backup.restore();
        assertNotWithdrawn(record, "no pusher of its account that runs has compared");

        OnePusher restarted = pusher();
        assertNotWithdrawn(record, "no pusher of its account that runs has compared");
        restarted.pusher.push();
        assertNotWithdrawn(record, "pushing is suspended");

        stack.jdbc
                .sql("update pusher.push_suspension set resumed_at = now(), resumed_by = 'anna', resumed_why = 'so'")
                .update();
        assertNotWithdrawn(record, "sent before the database was restored");
        assertThat(gallery.calls()).hasSize(1);
    }

    /** Whoever restores it takes longer than a lease lasts. */
    @Test
    void a_pusher_that_ran_through_the_restore_must_compare_first_too() {
        OnePusher pusher = comparedWithTheJournal();
        UsageRecordIssued record = stack.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(stack.jdbc);
        pusher.pushAll();
        backup.restore();
        stack.jdbc
                .sql("update pusher.lease set until = clock_timestamp() - interval '1 minute'")
                .update();
        pusher.lease.renewOrTake();
        assertNotWithdrawn(record, "no pusher of its account that runs has compared");
        pusher.pusher.push();
        assertNotWithdrawn(record, "pushing is suspended");
        assertThat(gallery.calls()).hasSize(1);
    }

    @Test
    void a_record_that_was_never_sent_is_taken_off_and_the_others_go() {
        OnePusher pusher = comparedWithTheJournal();
        List<UsageRecordIssued> records = stack.issue(3);
        assertThat(withdraw(records.get(1))).isEmpty();
        pusher.pushAll();
        assertThat(gallery.billed())
                .hasSize(2)
                .doesNotContainKey(records.get(1).record().meteringSn());
        assertThat(withdraw(records.get(1)))
                .hasValueSatisfying(why -> assertThat(why).contains("not on the pusher's queue"));
    }

    @Test
    void a_record_whose_call_was_throttled_can_still_be_taken_off() {
        UsageRecordIssued record = stack.issue(1).get(0);
        gallery.moods(List.of(Mood.THROTTLED_429));
        stack.pusher(gallery).pushOnce();
        assertThat(withdraw(record)).isEmpty();
    }

    @Test
    void a_record_that_may_have_arrived_is_not() {
        UsageRecordIssued record = stack.issue(1).get(0);
        gallery.moods(List.of(Mood.TAKEN_THEN_SILENCE));
        stack.pusher(gallery).pushOnce();
        assertThat(withdraw(record)).hasValueSatisfying(why -> assertThat(why).contains("may have carried it"));
        assertThat(stack.queued()).isOne();
    }

    @Test
    void a_record_in_a_call_is_not() {
        UsageRecordIssued record = stack.issue(1).get(0);
        stack.pusher((body, latest) -> {
                    assertThat(withdraw(record))
                            .hasValueSatisfying(why -> assertThat(why).contains("in a call that is under way"));
                    return gallery.push(body, latest);
                })
                .pushAll();
        assertThat(gallery.billed()).hasSize(1);
    }

    @Test
    void a_record_taken_off_between_claim_and_attempt_is_in_no_call() {
        List<UsageRecordIssued> records = stack.issue(2);
        boolean[] withdrawn = {false};
        OnePusher pusher = stack.pusher(gallery, step -> {
            if (step == Step.CLAIMED && !withdrawn[0]) {
                withdrawn[0] = true;
                assertThat(withdraw(records.get(0))).isEmpty();
            }
        });
        pusher.pushAll();
        assertThat(gallery.billed().keySet())
                .containsExactly(records.get(1).record().meteringSn());
    }
}
