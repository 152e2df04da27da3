package io.hourledger.pusher.notice;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.PackageUseUpNoticed;
import io.hourledger.contracts.instance.InstanceEvent.PackageUsedUp;
import io.hourledger.ledger.api.StoredEvent;
import io.hourledger.pusher.notice.DeliveryQueue.Claim;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class DeliveryQueueTest {

    private static final Duration A_MINUTE = Duration.ofMinutes(1);
    private static final Duration A_DAY = Duration.ofDays(1);
    private static final WebhookEndpoint SHOP = new WebhookEndpoint(
            "shop",
            URI.create("https://shop.example.com/"),
            List.of(WebhookSecret.of(NoticeRig.SECRET)),
            EnumSet.allOf(NoticeType.class));

    private final NoticeRig rig = new NoticeRig();
    private final NoticeLog log = new NoticeLog(rig.jdbc, new NoticeJson(UUID.randomUUID()), List.of(SHOP));
    private final DeliveryQueue queue = new DeliveryQueue(rig.jdbc, rig.transaction, SHOP);

    @AfterEach
    void close() {
        rig.close();
    }

    private void append(long sequence, InstanceEvent event) {
        rig.transaction.executeWithoutResult(tx -> log.read(List.of(new StoredEvent(sequence, event))));
    }

    @Test
    void a_notice_whose_sender_was_killed_is_sent_again_and_the_dead_sender_changes_nothing() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        append(1, new InstanceUnfrozen("i-1", NoticeRig.NINE));
        Claim killed = queue.claim(Duration.ZERO).orElseThrow();

        Claim again = queue.claim(A_MINUTE).orElseThrow();
        assertThat(again.id()).isEqualTo(killed.id());
        assertThat(again.body()).isEqualTo(killed.body());
        assertThat(again.tries()).isEqualTo(2);
        queue.delivered(killed);
        queue.failed(killed, "late", Duration.ZERO);
        assertThat(queue.claim(A_MINUTE)).isEmpty();

        queue.delivered(again);
        assertThat(queue.claim(A_MINUTE).orElseThrow().type()).isEqualTo(NoticeType.UNFROZEN.text());
    }

    @Test
    void a_package_that_was_noticed_and_is_drawn_later_is_told_once() {
        append(5, new PackageUseUpNoticed("i-1", "p-10", NoticeRig.NINE));
        append(9, new PackageUsedUp("i-1", "p-10", NoticeRig.NINE.plusSeconds(9)));

        queue.delivered(queue.claim(A_MINUTE).orElseThrow());
        assertThat(queue.claim(A_MINUTE)).isEmpty();
    }

    /** As after a newer version wrote notices, and the older one was put back. */
    @Test
    void a_notice_of_an_unknown_type_is_delivered_as_it_is_stored() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        rig.jdbc
                .sql(
                        """
                        insert into pusher.notice (id, instance_id, type, body)
                        values ('ntc_1', 'i-1', 'io.hourledger.instance.moved', '{"a": 1}')""")
                .update();
        append(1, new InstanceUnfrozen("i-1", NoticeRig.NINE));

        queue.delivered(queue.claim(A_MINUTE).orElseThrow());
        Claim unknown = queue.claim(A_MINUTE).orElseThrow();
        assertThat(unknown.type()).isEqualTo("io.hourledger.instance.moved");
        assertThat(unknown.body()).isEqualTo("{\"a\": 1}");
        assertThat(SHOP.takes(unknown.type())).isTrue();
        queue.delivered(unknown);
        assertThat(queue.claim(A_MINUTE).orElseThrow().type()).isEqualTo(NoticeType.UNFROZEN.text());
    }

    @Test
    void of_an_instance_one_notice_is_claimed_at_a_time() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        append(1, new InstanceUnfrozen("i-1", NoticeRig.NINE));
        append(0, new InstanceFrozen("i-2", NoticeRig.NINE));

        assertThat(queue.claim(A_MINUTE).orElseThrow().instanceId()).isEqualTo("i-1");
        assertThat(queue.claim(A_MINUTE).orElseThrow().instanceId()).isEqualTo("i-2");
        assertThat(queue.claim(A_MINUTE)).isEmpty();
    }

    @Test
    void a_notice_that_is_written_while_the_queue_is_emptied_is_delivered_too() throws Exception {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        Claim first = queue.claim(A_MINUTE).orElseThrow();
        CompletableFuture<Void> emptied = rig.transaction.execute(tx -> {
            log.read(List.of(new StoredEvent(1, new InstanceUnfrozen("i-1", NoticeRig.NINE))));
            CompletableFuture<Void> emptying = CompletableFuture.runAsync(() -> queue.delivered(first));
            NoticeRig.until("it waits for the writer, or has not", () -> emptying.isDone() || isAnybodyBlocked());
            return emptying;
        });
        emptied.get(30, TimeUnit.SECONDS);

        assertThat(queue.claim(A_MINUTE).orElseThrow().type()).isEqualTo(NoticeType.UNFROZEN.text());
    }

    /** Within a transaction pg_stat_activity shows what it showed first; pg_locks shows what is. */
    private boolean isAnybodyBlocked() {
        return rig.jdbc
                        .sql("select count(*) from pg_locks where not granted")
                        .query(Long.class)
                        .single()
                > 0;
    }

    @Test
    void a_failed_try_is_due_again_after_its_back_off() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        queue.failed(queue.claim(A_MINUTE).orElseThrow(), "HTTP 500", A_MINUTE);
        assertThat(queue.claim(A_MINUTE)).isEmpty();

        rig.jdbc
                .sql("update pusher.notice_queue set due_at = due_at - interval '61 s'")
                .update();
        queue.failed(queue.claim(A_MINUTE).orElseThrow(), "HTTP 500", Duration.ZERO);
        assertThat(queue.claim(A_MINUTE).orElseThrow().tries()).isEqualTo(3);
    }

    @Test
    void what_was_never_tried_is_given_up_only_while_the_endpoint_fails() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        rig.jdbc
                .sql("update pusher.notice set recorded_at = recorded_at - interval '2 days'")
                .update();
        assertThat(queue.giveUp(Duration.ofDays(1))).isZero();

        queue.endpointFails(true);
        assertThat(queue.giveUp(Duration.ofDays(1))).isZero();
        rig.jdbc
                .sql("update pusher.notice_endpoint set failing_since = failing_since - interval '2 days'")
                .update();
        assertThat(queue.giveUp(Duration.ofDays(1))).isEqualTo(1);
        assertThat(queue.giveUp(Duration.ofDays(1))).isZero();
    }

    private void twoDaysLater() {
        rig.jdbc
                .sql("update pusher.notice set recorded_at = recorded_at - interval '2 days'")
                .update();
        rig.jdbc
                .sql(
                        "update pusher.notice_queue set first_tried_at = first_tried_at - interval '2 days', due_at = due_at - interval '2 days'")
                .update();
        rig.jdbc
                .sql("update pusher.notice_endpoint set failing_since = failing_since - interval '2 days'")
                .update();
    }

    @Test
    void a_notice_is_not_given_up_while_it_is_being_tried() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        append(1, new InstanceUnfrozen("i-1", NoticeRig.NINE));
        Claim underWay = queue.claim(A_MINUTE).orElseThrow();
        queue.endpointFails(true);
        twoDaysLater();

        assertThat(queue.giveUp(A_DAY)).isZero();
        queue.endpointFails(false);
        queue.delivered(underWay);
        assertThat(queue.giveUp(A_DAY)).isZero();
        assertThat(queue.claim(A_MINUTE).orElseThrow().type()).isEqualTo(NoticeType.UNFROZEN.text());
    }

    @Test
    void a_notice_is_given_up_when_its_try_has_ended_or_its_sender_was_killed() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        append(0, new InstanceFrozen("i-2", NoticeRig.NINE));
        queue.failed(queue.claim(A_MINUTE).orElseThrow(), "HTTP 500", A_MINUTE);
        assertThat(queue.claim(Duration.ZERO)).isPresent();
        twoDaysLater();

        assertThat(queue.giveUp(A_DAY)).isEqualTo(2);
    }

    @Test
    void an_endpoint_that_nobody_tried_for_long_gets_its_notices_before_they_are_given_up() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        append(0, new InstanceFrozen("i-2", NoticeRig.NINE));
        queue.failed(queue.claim(A_MINUTE).orElseThrow(), "HTTP 500", Duration.ZERO);
        queue.endpointFails(true);
        twoDaysLater();

        queue.forgetOldTries(A_DAY);
        assertThat(queue.giveUp(A_DAY)).isZero();
        queue.endpointFails(true);
        assertThat(queue.giveUp(A_DAY)).isZero();
        assertThat(queue.claim(A_MINUTE)).isPresent();
    }

    @Test
    void an_endpoint_that_was_tried_of_late_keeps_its_times() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        queue.failed(queue.claim(A_MINUTE).orElseThrow(), "HTTP 500", Duration.ZERO);
        queue.endpointFails(true);
        twoDaysLater();
        queue.failed(queue.claim(A_MINUTE).orElseThrow(), "HTTP 500", Duration.ZERO);

        queue.forgetOldTries(A_DAY);
        assertThat(queue.giveUp(A_DAY)).isEqualTo(1);
    }

    @Test
    void what_waits_for_an_endpoint_that_is_in_the_settings_no_more_comes_before_a_person() {
        append(0, new InstanceFrozen("i-1", NoticeRig.NINE));
        append(1, new InstanceUnfrozen("i-1", NoticeRig.NINE));
        twoDaysLater();
        DeadLetters deadLetters = new DeadLetters(rig.jdbc, rig.transaction);

        assertThat(DeliveryQueue.giveUpOfOthers(rig.jdbc, rig.transaction, List.of("shop"), A_DAY))
                .isZero();
        assertThat(DeliveryQueue.giveUpOfOthers(rig.jdbc, rig.transaction, List.of(), A_DAY.multipliedBy(3)))
                .isZero();
        assertThat(deadLetters.waiting()).singleElement().satisfies(waiting -> assertThat(waiting.endpoint())
                .isEqualTo("shop"));
        assertThat(DeliveryQueue.giveUpOfOthers(rig.jdbc, rig.transaction, List.of("other"), A_DAY))
                .isEqualTo(2);
        assertThat(deadLetters.waiting()).isEmpty();
        assertThat(deadLetters.oldest("shop", null, false, 10)).hasSize(2).allSatisfy(dead -> assertThat(
                        dead.givenUp().lastError())
                .isEqualTo("the endpoint is in the settings no more"));
    }
}
