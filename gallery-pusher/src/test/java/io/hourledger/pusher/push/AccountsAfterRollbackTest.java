package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.pusher.marketplace.UsagePushPort;
import io.hourledger.pusher.push.PushRig.OnePusher;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a database forgot in a rollback is found for every account, each by its own journal, before any of them sends again. */
@Tag("servers")
class AccountsAfterRollbackTest {

    private static final PushRig STACK = new PushRig();
    private static final DecidedBy ANNA = new DecidedBy("anna", "looked it up in the console");

    private final InMemorySentCallJournal journal = new InMemorySentCallJournal();
    private final InMemorySentCallJournal othersJournal = new InMemorySentCallJournal();
    private final ModelGallery gallery = new ModelGallery();
    private final ModelGallery othersGallery = new ModelGallery();
    private final SellerAccounts accounts = new SellerAccounts(STACK.jdbc);
    private final Reconciliation reconciliation = new Reconciliation(STACK.jdbc, STACK.businessTime);

    @BeforeEach
    void clear() {
        STACK.clear();
    }

    @AfterAll
    static void close() {
        STACK.close();
    }

    private OnePusher our() {
        return our(gallery);
    }

    private OnePusher our(UsagePushPort endpoint) {
        return STACK
        .new OnePusher(
                PushRig.account(PushRig.SELLER, PushRig.LONG_LEASE, endpoint).settings(),
                endpoint,
                CrashPoint.NONE,
                STACK.ledger,
                journal);
    }

    private OnePusher other() {
        return STACK
        .new OnePusher(
                PushRig.account(PushRig.OTHER_SELLER, PushRig.LONG_LEASE, othersGallery)
                        .settings(),
                othersGallery,
                CrashPoint.NONE,
                STACK.ledger,
                othersJournal);
    }

    @Test
    void no_account_sends_again_before_every_accounts_calls_are_compared_and_decided() {
        List<UsageRecordIssued> ours = STACK.issue(2);
        List<UsageRecordIssued> others = STACK.issue(PushRig.OTHER_SELLER, 3, PushRig.NINE);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        our().pushUntilQueued(3);
        other().pushAll();
        backup.restore();

        OnePusher our = our();
        OnePusher other = other();
        our.pusher.push();
        assertThat(reconciliation.accountsNotCompared()).containsExactly(PushRig.OTHER_SELLER);
        assertThat(reconciliation.isCompared()).isFalse();
        our.pusher.push();
        other.pusher.push();
        other.pusher.push();
        our.pusher.push();

        assertThat(reconciliation.isCompared()).isTrue();
        assertThat(STACK.jdbc
                        .sql("select metering_sn from pusher.sent_by_lost_database where account = 'other'")
                        .query(String.class)
                        .list())
                .containsExactlyInAnyOrderElementsOf(others.stream()
                        .map(record -> record.record().meteringSn())
                        .toList());
        assertThat(reconciliation.left()).isEqualTo(ours.size() + others.size());
        assertThat(reconciliation.resume(ANNA)).isFalse();
        assertThat(gallery.calls()).hasSize(1);
        assertThat(othersGallery.calls()).hasSize(1);

        new RestoredRecordReconciler(STACK.ledger, STACK.jdbc, STACK.transaction, PushRig.FORMAT).enter();
        assertThat(reconciliation.left()).isZero();
        assertThat(reconciliation.resume(ANNA)).isTrue();
        our.pusher.push();
        other.pusher.push();
        assertThat(gallery.calls()).hasSize(1);
        assertThat(othersGallery.calls()).hasSize(1);
        assertThat(STACK.queued()).isZero();
    }

    /** Each account's journal has a place 0. */
    @Test
    void what_came_of_one_accounts_call_says_nothing_of_the_call_of_another_at_the_same_place() {
        STACK.issue(3);
        STACK.issue(PushRig.OTHER_SELLER, 2, PushRig.NINE);
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        OnePusher lost = our((body, latestSendNanos) -> {
            throw new IllegalStateException("the process ends before the call");
        });
        assertThatThrownBy(lost::pushOnce).hasMessageContaining("the process ends");
        other().pushUntilQueued(3);
        backup.restore();

        OnePusher our = our();
        OnePusher other = other();
        for (int i = 0; i < 2; i++) {
            our.pusher.push();
            other.pusher.push();
        }

        assertThat(outcomes(PushRig.SELLER)).containsExactly("none", "none", "none");
        assertThat(outcomes(PushRig.OTHER_SELLER)).containsExactly("reported", "reported");
        assertThat(reconciliation.isCompared()).isTrue();
    }

    private static List<String> outcomes(String account) {
        return STACK.jdbc
                .sql("select outcome from pusher.sent_by_lost_database where account = :account")
                .param("account", account)
                .query(String.class)
                .list();
    }

    /** What the lost state sent of one may mean that it decided something of the other, such as its suspension. */
    @Test
    void after_a_rollback_that_nobody_told_of_no_account_sends_before_all_others_have_compared() {
        STACK.issue(PushRig.OTHER_SELLER, 2, PushRig.NINE);
        OnePusher later = other();
        our().pusher.push();
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        later.pushAll();
        backup.restore();
        STACK.issue(2);

        OnePusher our = our();
        OnePusher other = other();
        our.pusher.push();
        our.pusher.push();
        assertThat(gallery.calls()).isEmpty();

        other.pusher.push();
        our.pusher.push();
        assertThat(reconciliation.open()).isPresent();
        assertThat(gallery.calls()).isEmpty();
    }

    @Test
    void an_account_that_nobody_pushes_for_any_more_is_not_taken_for_one_that_has_compared() {
        STACK.issue(1);
        OnePusher other = other();
        other.pusher.push();
        reconciliation.hold(ANNA, null);
        other.lease.giveUp();
        OnePusher our = our();
        our.pusher.push();
        our.pusher.push();

        assertThat(reconciliation.accountsNotCompared()).containsExactly(PushRig.OTHER_SELLER);
        assertThat(reconciliation.resume(ANNA)).isFalse();
    }

    @Test
    void an_account_whose_key_is_anothers_is_compared_all_the_same() {
        OnePusher our = our();
        OnePusher other = other();
        othersJournal.notToSend = Optional.of("installation B sends under this seller account");
        other.pusher.push();
        reconciliation.hold(ANNA, null);
        for (int i = 0; i < 2; i++) {
            our.pusher.push();
            other.pusher.push();
        }

        assertThat(reconciliation.accountsNotCompared()).isEmpty();
    }

    /** The word of one account's pusher is none about the calls of another. */
    @Test
    void a_record_is_withdrawn_only_if_its_own_account_has_compared_its_calls() {
        UsageRecordIssued record = STACK.issue(1).getFirst();
        other().pushOnce();

        assertThat(withdrawn(record)).hasValueSatisfying(why -> assertThat(why).contains("no pusher of its account"));

        OnePusher our = our();
        our.lease.giveUp();
        assertThat(withdrawn(record)).isPresent();
    }

    @Test
    void a_person_who_suspends_one_account_still_decides_for_all_after_a_rollback() {
        new SellerAccounts(STACK.jdbc).suspend(PushRig.OTHER_SELLER, ANNA);
        reconciliation.hold(ANNA, null);
        OnePusher our = our();
        OnePusher other = other();
        for (int i = 0; i < 2; i++) {
            our.pusher.push();
            other.pusher.push();
        }

        assertThat(reconciliation.resume(ANNA)).isTrue();
        assertThat(new SellerAccounts(STACK.jdbc).resume(PushRig.OTHER_SELLER, ANNA))
                .isTrue();
    }

    /** Nothing was sent since, so no call shows that the database went back. */
    @Test
    void a_suspended_account_stays_so_in_a_database_that_goes_back_to_before_it() {
        OnePusher our = our();
        OnePusher other = other();
        our.pusher.push();
        other.pusher.push();
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        accounts.suspend(PushRig.OTHER_SELLER, ANNA);
        other.pusher.push();
        backup.restore();
        STACK.issue(PushRig.OTHER_SELLER, 2, PushRig.NINE);

        OnePusher again = other();
        again.pusher.push();
        again.pusher.push();

        assertThat(accounts.all())
                .filteredOn(account -> account.account().equals(PushRig.OTHER_SELLER))
                .singleElement()
                .satisfies(account ->
                        assertThat(account.suspendedBecause()).isEqualTo("anna: looked it up in the console"));
        assertThat(reconciliation.open())
                .hasValueSatisfying(open -> assertThat(open.why()).contains("anna decided"));
        assertThat(othersGallery.calls()).isEmpty();
    }

    @Test
    void what_a_person_lifted_after_the_backup_is_lifted_and_the_audit_keeps_both() {
        accounts.suspend(PushRig.OTHER_SELLER, ANNA);
        OnePusher other = other();
        other.pusher.push();
        DatabaseBackup backup = new DatabaseBackup(STACK.jdbc);
        accounts.resume(PushRig.OTHER_SELLER, new DecidedBy("bea", "the key is mended"));
        accounts.suspend(PushRig.OTHER_SELLER, new DecidedBy("cai", "prices are wrong"));
        accounts.resume(PushRig.OTHER_SELLER, new DecidedBy("dee", "prices are right"));
        other.pusher.push();
        backup.restore();

        other().pusher.push();

        assertThat(STACK.jdbc
                        .sql("select who || ', ' || resumed_by from pusher.account_suspension order by since")
                        .query(String.class)
                        .list())
                .containsExactly("anna, bea", "cai, dee");
    }

    /** A restart reads the pages again that stand behind its position. */
    @Test
    void a_decision_that_the_database_knows_suspends_nobody_else() {
        OnePusher other = other();
        accounts.suspend(PushRig.OTHER_SELLER, ANNA);
        other.pusher.push();
        accounts.resume(PushRig.OTHER_SELLER, ANNA);
        other.pusher.push();
        other.pusher.push();

        other().pusher.push();

        assertThat(reconciliation.open()).isEmpty();
    }

    private static Optional<String> withdrawn(UsageRecordIssued record) {
        Withdrawal withdrawal = new Withdrawal(STACK.jdbc);
        return Objects.requireNonNull(STACK.transaction.execute(
                tx -> withdrawal.takeOff(record.record().meteringSn())));
    }
}
