package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What was sent is kept as long as anything may ask for it. */
@Tag("servers")
class AttemptRetentionTest {

    private static final PushRig stack = new PushRig();
    private static final Duration RETENTION = Duration.ofDays(400);

    private final ModelGallery gallery = new ModelGallery();
    private final InMemorySentCallJournal journal = new InMemorySentCallJournal();
    private final AttemptRetention retention = new AttemptRetention(stack.jdbc, stack.transaction, RETENTION);

    @BeforeEach
    void anEmptyQueue() {
        stack.clear();
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    private OnePusher pusher() {
        return stack
        .new OnePusher(
                PushRig.settings("one", PushRig.LONG_LEASE, 1000), gallery, CrashPoint.NONE, stack.ledger, journal);
    }

    private UsageRecordIssued pushed() {
        UsageRecordIssued record = stack.issue(1).getFirst();
        OnePusher pusher = pusher();
        pusher.pushAll();
        pusher.lease.giveUp();
        return record;
    }

    private static void ageAllBy(Duration age) {
        stack.jdbc
                .sql("update pusher.attempt set stored_at = stored_at - :seconds * interval '1 second'")
                .param("seconds", age.toSeconds())
                .update();
    }

    private static List<String> keptRecords() {
        return stack.jdbc
                .sql("select unnest(metering_sns) from pusher.attempt order by 1")
                .query(String.class)
                .list();
    }

    @Test
    void an_old_call_is_forgotten_and_a_younger_one_is_not() {
        pushed();
        ageAllBy(RETENTION.plusDays(1));
        UsageRecordIssued younger = pushed();
        retention.forget();
        assertThat(keptRecords()).containsExactly(younger.record().meteringSn());
    }

    @Test
    void who_takes_the_account_over_does_not_miss_a_forgotten_call() {
        pushed();
        ageAllBy(RETENTION.plusDays(1));
        retention.forget();
        pushed();
        assertThat(gallery.billed()).hasSize(2);
        assertThat(stack.jdbc
                        .sql("select count(*) from pusher.push_suspension")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    /** A pusher that finds it in the journal and not here would take this for a database that went back. */
    @Test
    void a_call_that_the_journal_may_still_be_compared_with_stays() {
        UsageRecordIssued record = pushed();
        ageAllBy(RETENTION.plusDays(1));
        stack.jdbc
                .sql("update pusher.journal_position set next_place = 0 where account = :account")
                .param("account", PushRig.SELLER)
                .update();
        retention.forget();
        assertThat(keptRecords()).containsExactly(record.record().meteringSn());
    }

    @Test
    void a_call_without_an_outcome_in_the_ledger_stays() {
        UsageRecordIssued record = pushed();
        ageAllBy(RETENTION.plusDays(1));
        stack.jdbc.sql("update pusher.attempt set settled_at = null").update();
        retention.forget();
        assertThat(keptRecords()).containsExactly(record.record().meteringSn());
    }

    @Test
    void the_calls_of_a_record_that_waits_for_a_person_stay() {
        UsageRecordIssued record = pushed();
        ageAllBy(RETENTION.plusDays(1));
        stack.jdbc
                .sql(
                        "insert into pusher.record_needing_review (metering_sn, account, instance_id, state, code, detail, since)"
                                + " values (:sn, :account, :instance, 'disputed', 'said', 'the buyer says so', clock_timestamp())")
                .param("sn", record.record().meteringSn())
                .param("account", PushRig.SELLER)
                .param("instance", record.instanceId())
                .update();
        retention.forget();
        assertThat(keptRecords()).containsExactly(record.record().meteringSn());
    }

    @Test
    void many_old_calls_are_forgotten_in_steps() {
        pushed();
        pushed(); // with a call, what was sent before it counts as compared
        stack.jdbc
                .sql(
                        """
                        insert into pusher.attempt (account, epoch, business_at, metering_sns, body_digest, stored_at, settled_at, sent_place)
                        select account, epoch, business_at, array['gone-' || id || '-' || n], body_digest, stored_at - interval '500 days', settled_at, 0
                          from pusher.attempt, generate_series(1, 225) n""")
                .update();
        retention.forget();
        assertThat(keptRecords()).hasSize(2);
    }
}
