package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.push.CrashPoint.Step;
import io.hourledger.pusher.push.ModelGallery.Mood;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataIntegrityViolationException;

/** The process ends between any two steps, or is half dead, and another goes on over the same tables. */
@Tag("servers")
class CrashTest {

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

    /** What a test throws in place of a kill -9: nobody catches it to clean up. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** What one process has written down outside the database, the next one reads. */
    private OnePusher journaling(CrashPoint faults) {
        return stack
        .new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1000), gallery, faults, stack.ledger, journal);
    }

    private static CrashPoint killedAt(Step step) {
        return reached -> {
            if (reached == step) {
                throw new Killed();
            }
        };
    }

    /** peers.md 18, 15, 16: a crash between push and record. */
    @ParameterizedTest
    @EnumSource(Step.class)
    void killed_after_any_step_the_next_process_ends_with_each_record_billed_and_reported_once(Step step) {
        List<UsageRecordIssued> records = stack.issue(7);
        OnePusher first = journaling(killedAt(step));
        assertThatThrownBy(first::pushAll).isInstanceOf(Killed.class);

        journaling(CrashPoint.NONE).pushAll();
        assertBilledAndReportedOnce(records);
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void killed_after_any_step_of_a_call_without_an_answer_the_identical_records_go_again(Step step) {
        List<UsageRecordIssued> records = stack.issue(3);
        gallery.moods(List.of(Mood.TAKEN_THEN_SILENCE, Mood.TAKEN_THEN_SILENCE));
        OnePusher first = journaling(killedAt(step));
        assertThatThrownBy(first::pushAll).isInstanceOf(Killed.class);

        journaling(CrashPoint.NONE).pushAll();
        assertBilledAndReportedOnce(records);
    }

    /** The answer was stored, so it need not be asked for again. */
    @Test
    void an_answer_that_was_stored_is_settled_without_another_call() {
        List<UsageRecordIssued> records = stack.issue(3);
        OnePusher first = stack.pusher(gallery, killedAt(Step.ANSWER_STORED));
        assertThatThrownBy(first::pushAll).isInstanceOf(Killed.class);

        stack.pusher(gallery).pushAll();
        assertThat(gallery.calls()).hasSize(1);
        assertBilledAndReportedOnce(records);
    }

    @Test
    void every_call_that_arrived_had_been_stored_before_with_its_records() {
        List<UsageRecordIssued> records = stack.issue(3);
        OnePusher first = stack.pusher(
                (body, latest) -> {
                    String[] stored = (String[]) stack.jdbc
                            .sql("select metering_sns from pusher.attempt where answer is null")
                            .query((row, n) -> row.getArray(1).getArray())
                            .single();
                    assertThat(stored)
                            .containsExactlyInAnyOrderElementsOf(records.stream()
                                    .map(record -> record.record().meteringSn())
                                    .toList());
                    return gallery.push(body, latest);
                },
                CrashPoint.NONE);
        first.pushAll();
        assertBilledAndReportedOnce(records);
    }

    @Test
    void when_the_ledger_stays_away_nothing_is_forgotten() {
        List<UsageRecordIssued> records = stack.issue(3);
        OnePusher first = stack
        .new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1000), gallery, CrashPoint.NONE, commands -> {
            throw new LedgerUnavailableException("away", new IllegalStateException());
        });
        assertThatThrownBy(first::pushAll).isInstanceOf(LedgerUnavailableException.class);
        assertThat(stack.queued()).isEqualTo(3);

        stack.pusher(gallery).pushAll();
        assertThat(gallery.calls()).hasSize(1);
        assertBilledAndReportedOnce(records);
    }

    /** Something the ledger or its database will not take in one attempt is no reason to keep everybody else waiting. */
    @Test
    void an_attempt_that_cannot_be_settled_keeps_its_own_records_and_no_others() {
        List<UsageRecordIssued> records = stack.issue(3);
        String poison = records.get(0).instanceId();
        boolean[] poisoned = {true};
        Ledger ledger = commands -> {
            if (poisoned[0]
                    && commands.stream().anyMatch(c -> c.instanceId().value().equals(poison))) {
                throw new DataIntegrityViolationException("a character that the database refuses");
            }
            return stack.ledger.handleAll(commands);
        };
        OnePusher pusher =
                stack.new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1), gallery, CrashPoint.NONE, ledger);
        for (int i = 0; i < 3; i++) {
            try {
                pusher.pushOnce();
            } catch (DataIntegrityViolationException poisonedCall) {
                assertThat(stack.stateOf(records.get(0))).isEqualTo("usage-record-issued");
            }
        }
        assertThat(pusher.pushOnce()).isFalse();
        assertThat(stack.stateOf(records.get(1))).isEqualTo("usage-record-reported");
        assertThat(stack.stateOf(records.get(2))).isEqualTo("usage-record-reported");
        assertThat(stack.queued()).isOne();
        assertThat(stack.metrics.counter(PushMetrics.ATTEMPTS_NOT_SETTLED).count())
                .isOne();

        poisoned[0] = false;
        pusher.pushAll();
        assertThat(gallery.calls()).hasSize(3);
        assertBilledAndReportedOnce(records);
    }

    /** peers.md 27, 44: two processes, one account. */
    @Test
    void while_one_has_the_account_another_pushes_nothing() {
        stack.issue(3);
        OnePusher first = stack.pusher(gallery);
        OnePusher second = another("two");
        assertThat(second.lease.current()).isEmpty();
        for (int i = 0; i < 20; i++) {
            assertThat(second.pusher.push()).isInstanceOf(Pusher.Progress.NotYet.class);
            LockSupport.parkNanos(1_000_000); // elapsed time: longer than the pace's window
        }
        assertThat(gallery.calls()).isEmpty();
        assertThat(first.pushOnce()).isTrue();
    }

    /** peers.md 44: the lease ends while a call is prepared; the one who lost it can store no attempt, so it sends nothing. */
    @Test
    void who_lost_the_account_without_noticing_can_not_store_an_attempt_and_sends_nothing() {
        List<UsageRecordIssued> records = stack.issue(3);
        OnePusher[] other = new OnePusher[1];
        OnePusher stalled = stack
        .new OnePusher(
                PushRig.settings("stalled", PushRig.LONG_LEASE, 1000),
                (body, latest) -> {
                    throw new AssertionError("the half dead one sent");
                },
                step -> {
                    if (step == Step.CLAIMED && other[0] == null) {
                        stack.jdbc
                                .sql("update pusher.lease set until = clock_timestamp() - interval '1 s'")
                                .update();
                        other[0] = another("other");
                    }
                });
        assertThat(stalled.pushOnce()).isFalse();
        other[0].pushAll();
        assertBilledAndReportedOnce(records);
    }

    /** The lease would end before a connection could be made: such a call is not begun. */
    @Test
    void a_call_that_would_not_leave_inside_the_lease_is_not_made() {
        stack.issue(3);
        OnePusher pusher = stack
        .new OnePusher(
                PushRig.settings("one", Duration.ofMillis(8), 1000),
                (body, latest) -> {
                    throw new AssertionError("sent outside of the lease");
                },
                CrashPoint.NONE);
        for (int i = 0; i < 20; i++) {
            pusher.lease.renewOrTake();
            assertThat(pusher.pusher.push()).isNotInstanceOf(Pusher.Progress.Pushed.class);
            LockSupport.parkNanos(1_000_000); // elapsed time: the pace's window
        }
    }

    /** A call is still under way when its sender loses the account. Whoever is first decides; the other's answer decides nothing. */
    @Test
    void an_answer_that_comes_after_the_account_was_taken_over_decides_nothing() throws Exception {
        List<UsageRecordIssued> records = stack.issue(3);
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        OnePusher slow = stack.pusher((body, latest) -> {
            HttpResult result = gallery.push(body, latest);
            sent.countDown();
            awaitQuietly(answer);
            return result;
        });
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> first = thread.submit(slow::pushOnce);
            assertThat(sent.await(60, TimeUnit.SECONDS)).isTrue();
            stack.jdbc
                    .sql("update pusher.lease set until = clock_timestamp() - interval '1 s'")
                    .update();
            another("two").pushAll();
            assertBilledAndReportedOnce(records);
            answer.countDown();
            assertThat(first.get(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            thread.shutdownNow();
        }
        assertBilledAndReportedOnce(records);
        assertThat(slow.pusher.push()).isNotInstanceOf(Pusher.Progress.Pushed.class);
    }

    /** Nobody knows what its former owner has used up. */
    @Test
    void a_new_owner_starts_with_nothing_and_waits_one_window() {
        stack.issue(1);
        OnePusher pusher = stack.pusher(gallery, PushRig.rate(Duration.ofHours(1), Duration.ofMillis(50)));
        assertThat(pusher.pusher.push())
                .isInstanceOfSatisfying(Pusher.Progress.NotYet.class, notYet -> assertThat(notYet.pause())
                        .isGreaterThan(Duration.ofMinutes(30)));
        pusher.rate.askNow();
        assertThat(pusher.pushOnce()).isTrue();
        pusher.lease.giveUp();
        pusher.lease.renewOrTake();
        assertThat(pusher.pusher.push())
                .isInstanceOfSatisfying(Pusher.Progress.NotYet.class, notYet -> assertThat(notYet.pause())
                        .isGreaterThan(Duration.ofMinutes(30)));
    }

    /** More than ten are not a few odd ones: then it is the ledger or its database, and nothing more is sent. */
    @Test
    void when_too_many_attempts_cannot_be_settled_no_further_calls_are_made() {
        List<UsageRecordIssued> records = stack.issue(20);
        boolean[] away = {true};
        Ledger ledger = commands -> {
            if (away[0]) {
                throw new DataIntegrityViolationException("a check that every event fails");
            }
            return stack.ledger.handleAll(commands);
        };
        OnePusher pusher =
                stack.new OnePusher(PushRig.settings("one", PushRig.LONG_LEASE, 1), gallery, CrashPoint.NONE, ledger);
        for (int i = 0; i < 40; i++) {
            try {
                pusher.pusher.push();
            } catch (DataIntegrityViolationException notSettled) {
                assertThat(gallery.calls()).hasSizeLessThanOrEqualTo(11);
            }
            LockSupport.parkNanos(1_000_000); // elapsed time: the pace
        }
        assertThat(gallery.calls()).hasSize(11);

        away[0] = false;
        pusher.pushAll();
        assertBilledAndReportedOnce(records);
    }

    private OnePusher another(String owner) {
        return stack.new OnePusher(PushRig.settings(owner, PushRig.LONG_LEASE, 1000), gallery, CrashPoint.NONE);
    }

    private void assertBilledAndReportedOnce(List<UsageRecordIssued> records) {
        assertThat(gallery.billed().keySet())
                .containsExactlyInAnyOrderElementsOf(records.stream()
                        .map(record -> record.record().meteringSn())
                        .toList());
        records.forEach(record -> {
            assertThat(stack.stateOf(record)).isEqualTo("usage-record-reported");
            assertThat(stack.events(record, "usage-record-reported")).isOne();
        });
        assertThat(gallery.sentTwoWays()).isZero();
        assertThat(stack.queued()).isZero();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
