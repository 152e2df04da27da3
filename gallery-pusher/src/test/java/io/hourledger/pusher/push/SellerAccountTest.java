package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.pusher.push.PushRig.OnePusher;
import io.hourledger.pusher.push.SellerAccount.Beginning;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataIntegrityViolationException;

/** A database keeps the records of several seller accounts. A record is sent by its own account alone, and no account waits for another. */
@Tag("servers")
class SellerAccountTest {

    private static final PushRig stack = new PushRig();
    private static final DecidedBy ANNA = new DecidedBy("anna", "the seller asked for it");

    private final ModelGallery gallery = new ModelGallery();
    private final ModelGallery othersGallery = new ModelGallery();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final SellerAccounts accounts = new SellerAccounts(stack.jdbc);

    @BeforeEach
    void twoAccounts() {
        stack.clear();
        stack.accounts(PushRig.SELLER, PushRig.OTHER_SELLER);
    }

    @AfterAll
    static void close() {
        stack.close();
    }

    private static String[] sns(List<UsageRecordIssued> records) {
        return records.stream().map(record -> record.record().meteringSn()).toArray(String[]::new);
    }

    private static List<UsageRecordIssued> issueOfOther(int count) {
        return stack.issue(PushRig.OTHER_SELLER, count, PushRig.NINE);
    }

    @Test
    void each_account_sends_its_own_records_and_no_others() {
        List<UsageRecordIssued> ours = stack.issue(20);
        List<UsageRecordIssued> others = issueOfOther(20);
        OnePusher our = stack.pusher(gallery);
        OnePusher other = stack.pusherOf(PushRig.OTHER_SELLER, othersGallery);

        our.pusher.push(); // compares what was sent, for which the other waits
        other.pushUntilQueued(20);
        assertThat(othersGallery.billed()).containsOnlyKeys(sns(others));
        assertThat(gallery.calls()).isEmpty();

        our.pushAll();
        assertThat(gallery.billed()).containsOnlyKeys(sns(ours));
        assertThat(othersGallery.calls()).hasSize(1);
    }

    @Test
    void the_database_takes_no_attempt_that_lists_a_record_of_another_account() {
        String ours = stack.issue(1).getFirst().record().meteringSn();
        String others = issueOfOther(1).getFirst().record().meteringSn();

        assertThatThrownBy(() -> stack.jdbc
                        .sql(
                                """
                                insert into pusher.attempt (account, epoch, business_at, metering_sns, body_digest)
                                values ('other', 1, now(), array[:others, :ours], '')""")
                        .param("ours", ours)
                        .param("others", others)
                        .update())
                .isInstanceOf(DataIntegrityViolationException.class)
                .hasMessageContaining("lists a record of another account");
    }

    @Test
    void what_one_account_left_without_an_answer_no_other_gives_up() {
        List<UsageRecordIssued> ours = stack.issue(1);
        stack.jdbc
                .sql(
                        """
                        insert into pusher.attempt (account, epoch, business_at, metering_sns, body_digest)
                        values ('default', 1, now(), :sns, '')""")
                .param("sns", sns(ours))
                .update();

        assertThat(stack.pusherOf(PushRig.OTHER_SELLER, othersGallery).pushOnce())
                .isFalse();

        assertThat(stack.jdbc
                        .sql("select count(*) from pusher.attempt where answer is null and settled_at is null")
                        .query(Long.class)
                        .single())
                .isOne();
    }

    @Test
    void an_account_that_the_database_does_not_know_gets_no_lease() {
        assertThat(stack.pusherOf("unknown", gallery).lease.current()).isEmpty();
    }

    @Test
    void a_suspended_account_keeps_its_records_and_the_others_go_on() {
        List<UsageRecordIssued> others = issueOfOther(5);
        OnePusher other = stack.pusherOf(PushRig.OTHER_SELLER, othersGallery);
        assertThat(accounts.suspend(PushRig.OTHER_SELLER, ANNA)).isTrue();
        assertThat(accounts.suspend(PushRig.OTHER_SELLER, ANNA)).isFalse();
        stack.issue(5);
        other.pusher.push(); // compares what was sent, for which we wait

        stack.pusher(gallery).pushUntilQueued(5);
        assertThat(gallery.billed()).hasSize(5);
        assertThat(other.pusher.push())
                .isInstanceOfSatisfying(Pusher.Progress.NotYet.class, notYet -> assertThat(notYet.why())
                        .contains("suspended by anna"));
        assertThat(othersGallery.calls()).isEmpty();
        assertThat(accounts.all())
                .filteredOn(account -> account.suspendedSince() != null)
                .singleElement()
                .satisfies(account -> assertThat(account.waiting()).isEqualTo(5));

        assertThat(accounts.resume(PushRig.OTHER_SELLER, ANNA)).isTrue();
        other.pushAll();
        assertThat(othersGallery.billed()).containsOnlyKeys(sns(others));
        assertThat(othersGallery.calls()).hasSize(1);
    }

    /** Between a look at the suspension and the attempt a person may suspend it. */
    @Test
    void no_attempt_of_a_suspended_account_is_stored() {
        List<UsageRecordIssued> others = issueOfOther(1);
        OnePusher other = stack.pusherOf(PushRig.OTHER_SELLER, othersGallery);
        accounts.suspend(PushRig.OTHER_SELLER, ANNA);
        RollbackDetector detector = new RollbackDetector(
                SentCallJournal.NONE,
                stack.jdbc,
                stack.transaction,
                stack.businessTime,
                PushRig.OTHER_SELLER,
                PushRig.FORMAT);
        PushQueue queue = new PushQueue(stack.jdbc, stack.transaction, stack.businessTime, PushRig.OTHER_SELLER);
        AttemptStore attempts = new AttemptStore(
                stack.jdbc, stack.transaction, stack.businessTime, PushRig.FORMAT, queue, PushRig.OTHER_SELLER);

        assertThat(attempts.store(
                        other.lease,
                        other.lease.current().orElseThrow(),
                        detector,
                        queue.stillPending(List.of(sns(others))),
                        java.time.Duration.ZERO))
                .isEmpty();
    }

    @Test
    void a_marketplace_that_never_answers_one_account_delays_no_record_of_another() {
        issueOfOther(3);
        CountDownLatch mended = new CountDownLatch(1);
        try (PushLoops loops = stack.loops(
                stack.feed,
                metrics,
                PushRig.account(PushRig.SELLER, PushRig.LONG_LEASE, gallery),
                PushRig.account(PushRig.OTHER_SELLER, PushRig.LONG_LEASE, (body, latest) -> {
                    awaitQuietly(mended);
                    return othersGallery.push(body, latest);
                }))) {
            try {
                loops.start();
                await().until(() -> stack.jdbc
                                .sql("select count(*) from pusher.attempt where account = 'other'")
                                .query(Long.class)
                                .single()
                        == 1);
                List<UsageRecordIssued> ours = stack.issue(20);
                await().untilAsserted(() -> assertThat(gallery.billed()).containsOnlyKeys(sns(ours)));
                assertThat(othersGallery.billed()).isEmpty();
            } finally {
                mended.countDown();
            }
            await().until(() -> othersGallery.billed().size() == 3);
        }
    }

    @Test
    void an_account_from_which_nothing_is_accepted_stops_itself_alone_and_is_named() {
        issueOfOther(3);
        try (PushLoops loops = stack.loops(
                stack.feed,
                metrics,
                PushRig.account(PushRig.SELLER, PushRig.LONG_LEASE, gallery),
                PushRig.account(
                        PushRig.OTHER_SELLER,
                        PushRig.LONG_LEASE,
                        (body, latest) -> ModelGallery.coded(401, "MKT.0154")))) {
            loops.start();
            await().until(() -> loops.status().halt().stoppedBecause() != null);
            stack.issue(20);

            await().until(() -> gallery.billed().size() == 20);
            assertThat(loops.status().halt().stoppedBecause()).startsWith("other: ");
            assertThat(loops.byAccount().get(PushRig.SELLER).halt().isNone()).isTrue();
            assertThat(metrics.get(PushMetrics.STOPPED)
                            .tag("account", "other")
                            .gauge()
                            .value())
                    .isOne();
            assertThat(metrics.get(PushMetrics.STOPPED)
                            .tag("account", "default")
                            .gauge()
                            .value())
                    .isZero();
        }
    }

    /** It would be sent twice: by the pusher of the old name, and by that of the new. */
    @Test
    void a_name_that_the_database_does_not_know_stops_the_start_with_a_sentence() {
        assertThatThrownBy(() -> start(PushRig.SELLER, PushRig.OTHER_SELLER, "thrid"))
                .isInstanceOf(SellerAccountMismatchException.class)
                .hasMessageContaining("'thrid', which this database does not know")
                .hasMessageContaining("./metering account add");

        assertThat(accounts.add("thrid", Beginning.REPORTS, ANNA)).isTrue();
        start(PushRig.SELLER, PushRig.OTHER_SELLER, "thrid");
    }

    /** Its records would lie there for ever. */
    @Test
    void an_account_of_the_database_that_the_settings_do_not_name_stops_the_start() {
        assertThatThrownBy(() -> start(PushRig.SELLER))
                .isInstanceOf(SellerAccountMismatchException.class)
                .hasMessageContaining("'other', which the settings do not name");
    }

    @Test
    void of_two_first_starts_one_records_its_names() throws Exception {
        stack.forgetAccounts();
        ExecutorService starts = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> claims = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String name = "seller-" + i;
                claims.add(() -> started(name));
            }
            int taken = 0;
            for (Future<Boolean> start : starts.invokeAll(claims)) {
                taken += start.get() ? 1 : 0;
            }
            assertThat(taken).isEqualTo(1);
        } finally {
            starts.shutdownNow();
        }
    }

    @Test
    void an_account_that_is_added_in_shadow_keeps_no_other_from_reporting() {
        accounts.add("new", Beginning.IN_SHADOW, ANNA);
        new QueueIntake(stack.ledger, stack.jdbc, stack.transaction, PushRig.KOOGALLERY, stack.businessTime, "new")
                .takeAll();
        stack.issue("new", 2, PushRig.NINE);
        new QueueIntake(stack.ledger, stack.jdbc, stack.transaction, PushRig.KOOGALLERY, stack.businessTime, "new")
                .takeAll();
        stack.issue(3);

        stack.pusher(gallery).pushAll();
        assertThat(gallery.billed()).hasSize(3);
        assertThat(stack.pusherOf("new", othersGallery).pushOnce()).isFalse();
        assertThat(new ShadowRecords(stack.jdbc, "new").byHour(10))
                .singleElement()
                .satisfies(hour -> assertThat(hour.records()).isEqualTo(2));
        assertThat(new ShadowRecords(stack.jdbc, PushRig.SELLER).byHour(10)).isEmpty();
    }

    private static void start(String... names) {
        SellerAccount.compare(
                stack.jdbc,
                java.util.Arrays.stream(names)
                        .map(name -> new SellerAccount(name, Beginning.REPORTS))
                        .toList());
    }

    private static boolean started(String name) {
        try {
            start(name);
            return true;
        } catch (SellerAccountMismatchException anothers) {
            return false;
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Its suspension is of another account's life. */
    @Test
    void an_account_that_was_removed_while_suspended_is_not_suspended_when_it_is_added_again() {
        assertThat(accounts.add("third", SellerAccount.Beginning.IN_SHADOW, ANNA))
                .isTrue();
        assertThat(accounts.suspend("third", ANNA)).isTrue();
        assertThat(accounts.remove("third", ANNA)).isTrue();

        assertThat(accounts.add("third", SellerAccount.Beginning.IN_SHADOW, ANNA))
                .isTrue();
        assertThat(accounts.all())
                .filteredOn(account -> account.account().equals("third"))
                .singleElement()
                .satisfies(account -> assertThat(account.suspendedSince()).isNull());
        assertThat(accounts.remove("third", ANNA)).isTrue();
    }
}
