package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The database goes back to an earlier state under the pusher: all that it did since a moment is taken out of it again. */
@Tag("servers")
class RollbackDetectorTest {

    private static final PushRig STACK = new PushRig();
    private static final DecidedBy ANNA = new DecidedBy("anna", "looked it up in the console");

    private final InMemorySentCallJournal journal = new InMemorySentCallJournal();
    private final ModelGallery gallery = new ModelGallery();
    private final Reconciliation reconciliation = new Reconciliation(STACK.jdbc, STACK.businessTime);
    private final RestoredRecordReconciler entering =
            new RestoredRecordReconciler(STACK.ledger, STACK.jdbc, STACK.transaction, PushRig.FORMAT);

    @BeforeEach
    void clear() {
        STACK.clear();
    }

    @AfterAll
    static void close() {
        STACK.close();
    }

    private OnePusher pusher(int maxRecords) {
        return STACK
        .new OnePusher(
                PushRig.settings("one", PushRig.LONG_LEASE, maxRecords),
                gallery,
                CrashPoint.NONE,
                STACK.ledger,
                journal);
    }

    /** The ledger has 7 under the number of this record. */
    private static void comesOutDifferent(UsageRecordIssued issued) {
        STACK.project(List.of(issued), new BigDecimal(7));
        STACK.jdbc
                .sql("update pusher.work set body = replace(convert_from(body, 'UTF8'), :amount, :other)::bytea"
                        + " where metering_sn = :sn")
                .param("sn", issued.record().meteringSn())
                .param(
                        "amount",
                        "\"usage_value\":\""
                                + issued.amount().stripTrailingZeros().toPlainString())
                .param("other", "\"usage_value\":\"7")
                .update();
    }

    private boolean isSuspended() {
        return reconciliation.open().isPresent();
    }

    private List<String> statuses() {
        List<String> statuses = new ArrayList<>();
        reconciliation.lines(line -> statuses.add(line.status()));
        return statuses;
    }

    @Test
    void while_it_goes_on_nothing_is_held() {
        STACK.issue(5);
        pusher(2).pushAll();
        pusher(2).pushOnce();

        assertThat(gallery.billed()).hasSize(5);
        assertThat(isSuspended()).isFalse();
        assertThat(STACK.jdbc
                        .sql("select next_place from pusher.journal_position")
                        .query(Long.class)
                        .single())
                .isPositive();
    }

    @Test
    void a_pusher_that_starts_on_a_database_that_went_back_sends_nothing_and_says_so() {
        STACK.issue(4);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();

        OnePusher restarted = pusher(1000);
        restarted.pusher.push();

        assertThat(isSuspended()).isTrue();
        assertThat(reconciliation.open().orElseThrow().who()).isEqualTo("gallery-pusher");
        assertThat(gallery.calls()).hasSize(1);
    }

    @Test
    void a_database_that_goes_back_under_a_running_pusher_is_noticed_before_the_next_call() {
        STACK.issue(3);
        OnePusher running = pusher(1);
        running.pushOnce();
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        running.pushOnce();
        backup.restore();

        for (int i = 0; i < 5; i++) {
            running.pusher.push();
        }

        assertThat(isSuspended()).isTrue();
        assertThat(gallery.calls()).hasSize(2);
    }

    @Test
    void a_database_that_lost_only_the_last_outcome_under_a_running_pusher_is_noticed_before_the_next_call() {
        STACK.issue(3);
        List<DatabaseBackup> whenSent = new ArrayList<>();
        OnePusher running = STACK
        .new OnePusher(
                PushRig.settings("one", PushRig.LONG_LEASE, 1),
                (body, latestSendNanos) -> {
                    whenSent.add(new DatabaseBackup(STACK.jdbc));
                    return gallery.push(body, latestSendNanos);
                },
                CrashPoint.NONE,
                STACK.ledger,
                journal);
        running.pushOnce();
        running.pushOnce();
        whenSent.get(1).restore();

        for (int i = 0; i < 5; i++) {
            running.pusher.push();
        }

        assertThat(isSuspended()).isTrue();
        assertThat(gallery.calls()).hasSize(2);
        assertThat(statuses()).hasSize(1);
    }

    @Test
    void a_database_that_lost_only_the_first_attempt_since_it_was_compared_is_noticed_before_the_next_call() {
        OnePusher running = pusher(1);
        assertThat(running.pushOnce()).isFalse();
        STACK.issue(2);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        running.pushOnce();
        backup.restore();

        for (int i = 0; i < 5; i++) {
            running.pusher.push();
        }

        assertThat(isSuspended()).isTrue();
        assertThat(gallery.calls()).hasSize(1);
    }

    @Test
    void a_database_that_is_exchanged_while_the_book_is_compared_is_compared_anew() {
        OnePusher running = pusher(1);
        assertThat(running.pushOnce()).isFalse();
        STACK.issue(2);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        running.pushAll();
        for (int i = 0; i < 2; i++) {
            reconciliation.hold(ANNA, null);
            running.pusher.push();
            journal.meanwhile = i == 0 ? () -> {} : backup::restore;
            running.pusher.push();
            reconciliation.resume(ANNA);
            running.pusher.push();
        }

        assertThat(isSuspended()).isTrue();
        assertThat(gallery.calls()).hasSize(2);
    }

    @Test
    void an_outcome_that_the_database_forgot_is_noticed_too() {
        List<UsageRecordIssued> issued = STACK.issue(2);
        List<DatabaseBackup> whenSent = new ArrayList<>();
        STACK
                .new OnePusher(
                        PushRig.settings("one", PushRig.LONG_LEASE, 1000),
                        (body, latestSendNanos) -> {
                            whenSent.add(new DatabaseBackup(STACK.jdbc));
                            return gallery.push(body, latestSendNanos);
                        },
                        CrashPoint.NONE,
                        STACK.ledger,
                        journal)
                .pushAll();
        whenSent.get(0).restore();

        pusher(1000).pusher.push();
        assertThat(isSuspended()).isTrue();
        entering.enter();

        assertThat(issued)
                .allSatisfy(record -> assertThat(STACK.stateOf(record)).isEqualTo("usage-record-reported"));
        assertThat(gallery.calls()).hasSize(1);
    }

    @Test
    void what_was_reported_and_is_issued_again_the_same_is_entered_and_not_sent_again() {
        List<UsageRecordIssued> issued = STACK.issue(4);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(3).pushAll();
        backup.restore();
        OnePusher restarted = pusher(1000);
        restarted.pusher.push();

        assertThat(reconciliation.resume(ANNA)).as("lifted with records left").isFalse();
        entering.enter();
        assertThat(statuses()).containsOnly("entered");
        assertThat(reconciliation.resume(ANNA)).isTrue();
        assertThat(restarted.pushOnce()).isFalse();

        assertThat(STACK.queued()).isZero();
        assertThat(gallery.calls()).hasSize(2);
        assertThat(issued)
                .allSatisfy(record -> assertThat(STACK.stateOf(record)).isEqualTo("usage-record-reported"));
    }

    @Test
    void a_record_that_comes_out_different_waits_for_a_person_and_is_never_sent_under_the_same_number() {
        UsageRecordIssued issued = STACK.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        comesOutDifferent(issued);
        OnePusher restarted = pusher(1000);
        restarted.pusher.push();
        entering.enter();
        assertThat(reconciliation.left()).isEqualTo(1);

        reconciliation.decide(List.of(issued.record().meteringSn()), Reconciliation.Verdict.BILLED, ANNA);
        entering.enter();
        assertThat(reconciliation.resume(ANNA)).isTrue();
        assertThat(restarted.pushOnce()).isFalse();

        assertThat(gallery.calls()).hasSize(1);
        assertThat(STACK.stateOf(issued)).isEqualTo("usage-record-settled");
    }

    @Test
    void what_the_marketplace_does_not_have_goes_again_as_it_was() {
        UsageRecordIssued issued = STACK.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        STACK.jdbc
                .sql("update pusher.work set body = replace(convert_from(body, 'UTF8'), '\"record_time\":\"2026',"
                        + " '\"record_time\":\"2027')::bytea")
                .update();
        STACK.project(List.of(issued), issued.amount());
        OnePusher restarted = pusher(1000);
        restarted.pusher.push();
        reconciliation.decide(List.of(issued.record().meteringSn()), Reconciliation.Verdict.NOT_BILLED, ANNA);
        entering.enter();
        assertThat(reconciliation.resume(ANNA)).isTrue();

        assertThat(restarted.pushOnce()).isTrue();

        assertThat(gallery.billed()).hasSize(1);
        assertThat(STACK.stateOf(issued)).isEqualTo("usage-record-reported");
    }

    @Test
    void a_record_that_comes_out_different_cannot_go_again_as_it_was() {
        UsageRecordIssued issued = STACK.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        comesOutDifferent(issued);
        OnePusher restarted = pusher(1000);
        restarted.pusher.push();

        assertThat(statuses()).containsExactly("differs");
        assertThat(reconciliation.decide(
                        List.of(issued.record().meteringSn()), Reconciliation.Verdict.NOT_BILLED, ANNA))
                .isZero();

        // it was decided just before the ledger's record came to differ
        STACK.jdbc
                .sql(
                        "update pusher.sent_by_lost_database set decision = 'not-billed', decided_by = 'anna', decided_why ="
                                + " 'why', decided_at = now()")
                .update();
        entering.enter();

        assertThat(statuses()).containsExactly("cannot-be-done");
        assertThat(reconciliation.resume(ANNA)).isFalse();
        assertThat(STACK.jdbc
                        .sql("select convert_from(body, 'UTF8') from pusher.work")
                        .query(String.class)
                        .single())
                .contains("\"usage_value\":\"7\"");
    }

    @Test
    void a_record_that_is_not_on_the_queue_is_not_said_to_go_again() {
        UsageRecordIssued issued = STACK.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        STACK.jdbc.sql("delete from pusher.work").update();
        pusher(1000).pusher.push();
        assertThat(reconciliation.decide(
                        List.of(issued.record().meteringSn()), Reconciliation.Verdict.NOT_BILLED, ANNA))
                .as("the ledger has no such record")
                .isZero();

        STACK.project(List.of(issued), issued.amount());
        assertThat(reconciliation.decide(
                        List.of(issued.record().meteringSn()), Reconciliation.Verdict.NOT_BILLED, ANNA))
                .isOne();
        entering.enter();
        assertThat(statuses()).as("until it has come onto the queue").containsExactly("decided");
        STACK.offer(List.of(issued));
        entering.enter();
        assertThat(statuses()).containsExactly("goes-again");
    }

    @Test
    void what_the_marketplace_refused_is_refused_again_and_not_sent() {
        UsageRecordIssued issued = STACK.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        STACK.project(List.of(issued), issued.amount());
        OnePusher restarted = pusher(1000);
        restarted.pusher.push();

        reconciliation.decide(List.of(issued.record().meteringSn()), Reconciliation.Verdict.REFUSED, ANNA);
        entering.enter();
        assertThat(statuses()).containsExactly("stays-refused");
        assertThat(reconciliation.resume(ANNA)).isTrue();
        assertThat(restarted.pushOnce()).isFalse();

        assertThat(gallery.calls()).hasSize(1);
        assertThat(STACK.stateOf(issued)).isEqualTo("usage-record-settled");
        assertThat(STACK.queued()).isZero();
    }

    @Test
    void records_that_differ_do_not_keep_those_behind_them_from_being_entered() {
        List<UsageRecordIssued> issued = new ArrayList<>(STACK.issue(4));
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        issued.sort(Comparator.comparing(
                (UsageRecordIssued record) -> record.record().meteringSn()));
        comesOutDifferent(issued.get(0));
        comesOutDifferent(issued.get(1));
        pusher(1000).pusher.push();

        new RestoredRecordReconciler(STACK.ledger, STACK.jdbc, STACK.transaction, PushRig.FORMAT, 2).enter();

        assertThat(issued.subList(2, 4))
                .allSatisfy(record -> assertThat(STACK.stateOf(record)).isEqualTo("usage-record-reported"));
        assertThat(reconciliation.left()).isEqualTo(2);
    }

    @Test
    void what_the_ledger_would_not_take_is_not_tried_again_by_itself() {
        STACK.issue(1);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        pusher(1000).pusher.push();
        List<Integer> asked = new ArrayList<>();
        Ledger refusing = (Ledger) Proxy.newProxyInstance(
                Ledger.class.getClassLoader(), new Class<?>[] {Ledger.class}, (proxy, method, arguments) -> {
                    asked.add(1);
                    return List.of(new Decision.Refused("record-settled-otherwise", "it is written off"));
                });
        RestoredRecordReconciler refused =
                new RestoredRecordReconciler(refusing, STACK.jdbc, STACK.transaction, PushRig.FORMAT);
        refused.enter();
        refused.enter();

        assertThat(asked).hasSize(1);
        assertThat(statuses()).containsExactly("cannot-be-done");
        assertThat(reconciliation.resume(ANNA)).isFalse();
        assertThat(STACK.queued()).isOne();
    }

    @Test
    void what_the_ledger_does_not_have_is_set_aside_and_not_sent_should_it_be_issued_later() {
        UsageRecordIssued issued = STACK.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        STACK.jdbc.sql("delete from pusher.work").update();
        OnePusher restarted = pusher(1000);
        restarted.pusher.push();
        assertThat(statuses()).containsExactly("missing");
        reconciliation.decide(List.of(issued.record().meteringSn()), Reconciliation.Verdict.SET_ASIDE, ANNA);
        entering.enter();
        assertThat(reconciliation.resume(ANNA)).isTrue();

        STACK.offer(List.of(issued));
        assertThat(restarted.pushOnce()).isFalse();
        entering.enter();

        assertThat(gallery.calls()).hasSize(1);
        assertThat(STACK.stateOf(issued)).isEqualTo("usage-record-outcome-unknown");
    }

    /** Nobody may set aside what the ledger has. */
    @Test
    void of_an_instance_whose_events_wait_the_ledger_is_asked_by_its_events() {
        UsageRecordIssued issued = STACK.issue(1).get(0);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        STACK.jdbc.sql("delete from pusher.work").update();
        pusher(1000).pusher.push();
        STACK.jdbc
                .sql(
                        """
                        insert into ledger.dead_letter (reader, instance_id, sequence_number, event_type, cause)
                        values ('projections', :instance, 1, 'hour-metered', 'a cause')""")
                .param("instance", issued.instanceId())
                .update();
        try {
            assertThat(statuses()).containsExactly("equal");
        } finally {
            STACK.jdbc.sql("delete from ledger.dead_letter").update();
        }
    }

    @Test
    void while_the_book_is_away_nothing_is_sent_and_nothing_is_lost() {
        STACK.issue(2);
        OnePusher running = pusher(1);
        running.pushOnce();
        journal.away = true;
        for (int i = 0; i < 3; i++) {
            running.pusher.push();
        }
        assertThat(gallery.calls()).hasSize(1);

        journal.away = false;
        running.pushAll();
        assertThat(gallery.billed()).hasSize(2);
        assertThat(isSuspended()).isFalse();
    }

    @Test
    void nothing_is_claimed_or_sent_while_another_database_pushes() {
        STACK.issue(2);
        OnePusher running = pusher(1);
        running.pushOnce();
        journal.notToSend = Optional.of("superseded");
        for (int i = 0; i < 3; i++) {
            assertThat(running.pusher.push()).isInstanceOf(Pusher.Progress.NotYet.class);
        }
        assertThat(gallery.calls()).hasSize(1);
        assertThat(isSuspended()).isFalse();

        journal.notToSend = Optional.empty();
        running.pushAll();
        assertThat(gallery.billed()).hasSize(2);
    }

    @Test
    void a_book_that_lost_its_pages_holds_pushing() {
        STACK.issue(2);
        OnePusher running = pusher(1);
        running.pushAll();
        running.pushOnce();
        journal.loseAll();
        STACK.issue(1);

        pusher(1).pusher.push();

        assertThat(isSuspended()).isTrue();
        assertThat(gallery.calls()).hasSize(2);
    }

    @Test
    void a_book_that_dropped_pages_nobody_compared_holds_pushing() {
        STACK.issue(1);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1).pushAll();
        journal.dropAllSoFar();
        backup.restore();

        OnePusher restarted = pusher(1);
        restarted.pusher.push();

        assertThat(isSuspended()).isTrue();
        assertThat(restarted.pusher.push()).isInstanceOf(Pusher.Progress.NotYet.class);
        assertThat(gallery.calls()).hasSize(1);
    }

    @Test
    void an_outcome_that_was_settled_later_stands_in_the_book_too() {
        List<UsageRecordIssued> issued = STACK.issue(1);
        List<DatabaseBackup> whenSent = new ArrayList<>();
        OnePusher crashing = STACK
        .new OnePusher(
                PushRig.settings("one", PushRig.LONG_LEASE, 1000),
                (body, latestSendNanos) -> {
                    whenSent.add(new DatabaseBackup(STACK.jdbc));
                    return gallery.push(body, latestSendNanos);
                },
                step -> {
                    if (step == CrashPoint.Step.ANSWER_STORED) {
                        throw new IllegalStateException("the process ends here");
                    }
                },
                STACK.ledger,
                journal);
        assertThatThrownBy(crashing::pushOnce).hasMessage("the process ends here");
        pusher(1000).pushAll();
        whenSent.get(0).restore();

        pusher(1000).pusher.push();
        entering.enter();

        assertThat(STACK.stateOf(issued.get(0))).isEqualTo("usage-record-reported");
        assertThat(reconciliation.left()).isZero();
    }

    @Test
    void a_call_that_could_not_be_written_down_is_not_the_marketplaces_fault() {
        STACK.issue(1);
        OnePusher running = pusher(1);
        running.pusher.push();
        double notSent = answers("not-sent");
        double notWritten = answers("not-made");
        STACK.issue(1);
        journal.away = true;
        running.pusher.push();
        running.pusher.push();
        running.pusher.push();

        assertThat(answers("not-sent")).isEqualTo(notSent);
        assertThat(answers("not-made")).isEqualTo(notWritten + 1);
        assertThat(STACK.jdbc
                        .sql("select answer from pusher.attempt order by id desc limit 1")
                        .query(String.class)
                        .single())
                .isEqualTo("not-made");
        journal.away = false;
        running.pushAll();
        assertThat(gallery.billed()).hasSize(2);
    }

    private static double answers(String word) {
        return STACK.metrics.counter(PushMetrics.CALL_ANSWERS, "answer", word).count();
    }

    @Test
    void a_hold_is_lifted_although_the_account_had_another_name_once() {
        STACK.jdbc
                .sql("insert into pusher.journal_position (account, next_place, compared_at) values ('old', 0,"
                        + " now() - interval '1 day')")
                .update();
        STACK.jdbc
                .sql("insert into pusher.lease (account, owner, epoch, until) values ('old', 'one', 1, now() -"
                        + " interval '1 day')")
                .update();
        reconciliation.hold(ANNA, null);
        OnePusher running = pusher(1);
        assertThat(reconciliation.accountsNotCompared()).containsExactly(PushRig.SELLER);
        assertThat(reconciliation.resume(ANNA)).isFalse();
        running.pusher.push();
        running.pusher.push();

        assertThat(reconciliation.accountsNotCompared()).isEmpty();
        assertThat(reconciliation.resume(ANNA)).isTrue();
    }

    @Test
    void a_hold_is_lifted_although_there_is_no_book_any_more() {
        pusher(1).pusher.push();
        OnePusher without = STACK.pusher(gallery);
        without.pusher.push();
        reconciliation.hold(ANNA, null);
        assertThat(reconciliation.resume(ANNA)).isFalse();
        without.pusher.push();
        without.pusher.push();

        assertThat(reconciliation.resume(ANNA)).isTrue();
    }

    @Test
    void a_second_hold_right_after_the_first_was_lifted_is_compared_anew() {
        OnePusher running = pusher(1);
        reconciliation.hold(ANNA, null);
        running.pusher.push();
        running.pusher.push();
        assertThat(reconciliation.resume(ANNA)).isTrue();
        reconciliation.hold(ANNA, null);
        assertThat(reconciliation.isCompared()).isFalse();
        running.pusher.push();
        running.pusher.push();

        assertThat(reconciliation.isCompared()).isTrue();
        assertThat(reconciliation.resume(ANNA)).isTrue();
    }

    @Test
    void what_the_later_state_never_sent_is_not_sent_unless_a_person_says_so() {
        STACK.issue(1);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        pusher(1000).pushAll();
        backup.restore();
        List<UsageRecordIssued> frozenThere = STACK.issue(2);
        List<UsageRecordIssued> later = STACK.issue(1, PushRig.NINE.plus(java.time.Duration.ofHours(1)));
        OnePusher restarted = pusher(1000);
        restarted.pusher.push();
        entering.enter();
        List<String> news = new ArrayList<>();
        reconciliation.newRecords(record -> news.add(record.meteringSn()));
        assertThat(news)
                .containsExactlyInAnyOrder(
                        frozenThere.get(0).record().meteringSn(),
                        frozenThere.get(1).record().meteringSn());
        assertThat(reconciliation.resume(ANNA)).isFalse();
        assertThat(reconciliation.left()).isEqualTo(2);

        reconciliation.decideNew(news.subList(0, 1), true, ANNA);
        assertThat(reconciliation.resume(ANNA)).isFalse();
        reconciliation.decideNew(news.subList(1, 2), false, ANNA);
        assertThat(reconciliation.resume(ANNA)).as("not carried out yet").isFalse();
        entering.enter();
        assertThat(reconciliation.resume(ANNA)).isTrue();
        restarted.pushAll();

        assertThat(frozenThere.stream().map(STACK::stateOf))
                .containsExactlyInAnyOrder("usage-record-reported", "usage-record-outcome-unknown");
        assertThat(STACK.stateOf(later.get(0))).isEqualTo("usage-record-reported");
    }

    @Test
    void a_restore_from_a_backup_that_was_held_is_kept_with_who_and_why() {
        reconciliation.hold(new DecidedBy("ben", "the console is odd"), null);
        reconciliation.restored(ANNA, PushRig.NINE);

        Reconciliation.Hold open = reconciliation.open().orElseThrow();
        assertThat(open.who()).isEqualTo("anna");
        assertThat(open.backupAt()).isEqualTo(PushRig.NINE);
        assertThat(open.why())
                .startsWith(ANNA.why() + " (held before, since ")
                .contains(" by ben: the console is odd)");
    }

    @Test
    void a_hold_is_not_lifted_before_it_was_compared_what_was_sent() {
        STACK.issue(1);
        pusher(1000).pushAll();
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        STACK.issue(1);
        pusher(1000).pushAll();
        backup.restore();
        reconciliation.hold(ANNA, null);

        assertThat(reconciliation.isCompared()).isFalse();
        assertThat(reconciliation.resume(ANNA)).isFalse();

        OnePusher restarted = pusher(1000);
        restarted.pusher.push();
        assertThat(reconciliation.isCompared()).isTrue();
        assertThat(reconciliation.left()).isEqualTo(1);
    }

    @Test
    void a_person_may_hold_pushing_and_only_one_hold_is_open_at_a_time() {
        STACK.issue(1);
        assertThat(reconciliation.hold(ANNA, null)).isTrue();
        assertThat(reconciliation.hold(ANNA, null)).isFalse();
        OnePusher held = pusher(1000);
        held.pusher.push();
        assertThat(gallery.calls()).isEmpty();

        assertThat(reconciliation.resume(ANNA)).isTrue();
        held.pushAll();
        assertThat(gallery.billed()).hasSize(1);
    }
}
