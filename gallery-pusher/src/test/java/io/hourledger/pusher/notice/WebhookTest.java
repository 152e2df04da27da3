package io.hourledger.pusher.notice;

import static io.hourledger.pusher.notice.NoticeRig.until;
import static io.hourledger.pusher.notice.NoticeRig.webhook;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.notice.DeadLetters.DeadLetter;
import io.hourledger.pusher.notice.EndpointStub.Call;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class WebhookTest {

    private static final Duration A_DAY = Duration.ofHours(24);

    private final NoticeRig rig = new NoticeRig();
    private final List<AutoCloseable> running = new ArrayList<>();
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() throws Exception {
        never.countDown();
        for (AutoCloseable one : running.reversed()) {
            one.close();
        }
        rig.close();
    }

    private EndpointStub endpoint(EndpointStub.Answer answer) {
        EndpointStub stub = new EndpointStub(answer);
        running.add(stub);
        return stub;
    }

    private void deliver(Duration giveUpAfter, NoticeSettings.Webhook... webhooks) {
        running.add(rig.start(rig.settings(giveUpAfter, webhooks)));
    }

    private DeadLetters deadLetters() {
        return new DeadLetters(rig.jdbc, rig.transaction);
    }

    /** As the receivers' libraries of Standard Webhooks check it; nothing of the sender's code is used. */
    private static boolean isSigned(Call call, String secret) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
        byte[] expected = mac.doFinal((call.id() + "." + call.timestamp() + "." + call.body()).getBytes(UTF_8));
        return Arrays.stream(call.signature().split(" "))
                .filter(signature -> signature.startsWith("v1,"))
                .anyMatch(signature -> Arrays.equals(Base64.getDecoder().decode(signature.substring(3)), expected));
    }

    @Test
    void a_webhook_carries_the_notice_signed_with_each_secret() throws Exception {
        String next = "whsec_" + Base64.getEncoder().encodeToString(new byte[32]);
        EndpointStub shop = endpoint((exchange, call, number) -> EndpointStub.status(exchange, 204));
        deliver(A_DAY, webhook("shop", shop.url(), NoticeRig.SECRET, next));
        rig.open("i-1");
        until("a call", () -> shop.taken.size() == 1);

        Call call = shop.taken.getFirst();
        assertThat(isSigned(call, NoticeRig.SECRET)).isTrue();
        assertThat(isSigned(call, next)).isTrue();
        assertThat(isSigned(
                        call,
                        "whsec_" + Base64.getEncoder().encodeToString("a wrong one of 24 bytes!".getBytes(UTF_8))))
                .isFalse();
        assertThat(call.id()).isEqualTo(call.json().path("id").asString(""));
        assertThat(call.contentType()).startsWith("application/cloudevents+json");
        assertThat(Math.abs(Clock.systemUTC().millis() / 1000 - Long.parseLong(call.timestamp())))
                .isLessThan(60);
        until("the notice on the topic", () -> !rig.published().isEmpty());
        assertThat(new String(rig.published().getFirst().value(), UTF_8)).isEqualTo(call.body());
    }

    @Test
    void the_later_notice_of_an_instance_waits_until_the_earlier_one_is_taken() {
        EndpointStub shop = endpoint((exchange, call, number) ->
                EndpointStub.status(exchange, call.type().equals("opened") && number < 4 ? 400 : 204));
        deliver(A_DAY, webhook("shop", shop.url()));
        rig.open("i-1");
        rig.freeze("i-1", 1);
        rig.unfreeze("i-1", 2);
        until("three notices", () -> shop.taken.size() == 3);

        assertThat(shop.calls)
                .extracting(Call::type)
                .containsExactly("opened", "opened", "opened", "opened", "frozen", "unfrozen");
        assertThat(shop.calls.subList(0, 4))
                .extracting(Call::id)
                .containsOnly(shop.calls.getFirst().id());
        assertThat(shop.calls.subList(0, 4))
                .extracting(Call::body)
                .containsOnly(shop.calls.getFirst().body());
    }

    @Test
    void a_notice_that_is_refused_holds_up_no_other_instance() {
        EndpointStub shop = endpoint((exchange, call, number) ->
                EndpointStub.status(exchange, call.instance().equals("i-1") ? 400 : 204));
        deliver(A_DAY, webhook("shop", shop.url()));
        rig.open("i-1");
        for (int i = 2; i < 12; i++) {
            rig.open("i-" + i);
        }

        until("all other instances", () -> shop.taken.size() == 10);
    }

    @Test
    void an_endpoint_that_hangs_fails_or_points_elsewhere_holds_up_no_other_endpoint() {
        EndpointStub elsewhere = endpoint((exchange, call, number) -> EndpointStub.status(exchange, 204));
        EndpointStub hangs = endpoint((exchange, call, number) -> {
            try {
                never.await();
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
        EndpointStub fails = endpoint((exchange, call, number) -> EndpointStub.status(exchange, 500));
        EndpointStub redirects = endpoint((exchange, call, number) -> {
            exchange.getResponseHeaders().set("Location", elsewhere.url().toString());
            EndpointStub.status(exchange, number % 2 == 0 ? 302 : 307);
        });
        EndpointStub works = endpoint((exchange, call, number) -> EndpointStub.status(exchange, 204));
        deliver(
                A_DAY,
                webhook("hangs", hangs.url()),
                webhook("fails", fails.url()),
                webhook("redirects", redirects.url()),
                webhook("works", works.url()));
        long began = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            rig.open("i-" + i);
        }
        until("all at the endpoint that works", () -> works.taken.size() == 20);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
        until("a redirect", () -> !redirects.calls.isEmpty());
        assertThat(elsewhere.calls).isEmpty();
        until(
                "the reason",
                () -> rig.jdbc
                                .sql(
                                        "select count(*) from pusher.notice_queue where endpoint = 'redirects' and last_error like '%redirects are not followed'")
                                .query(Long.class)
                                .single()
                        > 0);
    }

    @Test
    void an_endpoint_that_was_down_gets_all_in_order_when_it_is_back() {
        EndpointStub shop = endpoint((exchange, call, number) -> EndpointStub.status(exchange, 503));
        deliver(A_DAY, webhook("shop", shop.url()));
        rig.open("i-1");
        rig.freeze("i-1", 1);
        rig.open("i-2");
        until("some tries", () -> shop.calls.size() >= 5);
        until("it is marked", () -> failing() == 1);

        shop.answers((exchange, call, number) -> EndpointStub.status(exchange, 204));

        until("all of it", () -> shop.taken.size() == 3);
        assertThat(shop.taken.stream().filter(call -> call.instance().equals("i-1")))
                .extracting(Call::type)
                .containsExactly("opened", "frozen");
        until("it is marked no more", () -> failing() == 0);
    }

    @Test
    void an_endpoint_that_is_back_in_the_settings_is_tried_as_long_as_any() {
        EndpointStub shop = endpoint((exchange, call, number) -> EndpointStub.status(exchange, 503));
        NoticeSettings settings = rig.settings(A_DAY, webhook("shop", shop.url()));
        NoticeDelivery before = rig.start(settings);
        try {
            rig.open("i-1");
            until("it is marked", () -> failing() == 1);
        } finally {
            before.close();
        }
        rig.jdbc
                .sql(
                        "update pusher.notice_queue set first_tried_at = first_tried_at - interval '2 days', due_at = due_at - interval '2 days'")
                .update();
        rig.jdbc
                .sql("update pusher.notice_endpoint set failing_since = failing_since - interval '2 days'")
                .update();

        running.add(rig.start(settings));
        until(
                "it is marked anew",
                () -> rig.jdbc
                                .sql(
                                        "select count(*) from pusher.notice_endpoint where failing_since > clock_timestamp() - interval '1 hour'")
                                .query(Long.class)
                                .single()
                        == 1);
        shop.answers((exchange, call, number) -> EndpointStub.status(exchange, 204));
        until("the notice", () -> shop.taken.size() == 1);
    }

    @Test
    void webhooks_that_wait_for_the_database_leave_pushing_its_connections() {
        List<NoticeSettings.Webhook> webhooks = new ArrayList<>();
        EndpointStub shop = endpoint((exchange, call, number) -> EndpointStub.status(exchange, 204));
        for (int i = 0; i < 12; i++) {
            webhooks.add(webhook("shop-" + i, shop.url()));
        }
        deliver(A_DAY, webhooks.toArray(NoticeSettings.Webhook[]::new));

        rig.transaction.executeWithoutResult(tx -> {
            rig.jdbc
                    .sql("lock table pusher.notice_queue in access exclusive mode")
                    .update();
            until(
                    "all endpoints wait",
                    () -> rig.webhookPool.connections.getHikariPoolMXBean().getThreadsAwaitingConnection() >= 8);
            // the lock's, and at most the three of the timers that look at the queue, and the reader's
            assertThat(rig.dataSource.getHikariPoolMXBean().getActiveConnections())
                    .isLessThan(8);
        });
        rig.open("i-1");
        until("the notice everywhere", () -> shop.taken.size() == 12);
    }

    private long failing() {
        return rig.jdbc
                .sql("select count(*) from pusher.notice_endpoint")
                .query(Long.class)
                .single();
    }

    @Test
    void what_is_not_taken_in_time_waits_for_a_person_who_sends_it_again() {
        EndpointStub shop = endpoint((exchange, call, number) ->
                EndpointStub.status(exchange, call.type().equals("opened") ? 422 : 204));
        deliver(Duration.ofSeconds(1), webhook("shop", shop.url()));
        rig.open("i-1");
        rig.freeze("i-1", 1);

        until(
                "a dead letter",
                () -> !deadLetters().oldest(null, null, false, 10).isEmpty());
        DeadLetter dead = deadLetters().oldest("shop", "i-1", false, 10).getFirst();
        assertThat(dead.type()).isEqualTo(NoticeType.OPENED.text());
        assertThat(dead.givenUp().lastError()).isEqualTo("HTTP 422");
        assertThat(dead.givenUp().tries()).isPositive();
        until("the later notice", () -> shop.taken.size() == 1);

        shop.answers((exchange, call, number) -> EndpointStub.status(exchange, 204));
        DecidedBy anna = new DecidedBy("anna", "the app is mended");
        assertThat(deadLetters().resend("shop", dead.noticeId(), anna)).isTrue();
        assertThat(deadLetters().resend("shop", dead.noticeId(), anna)).isFalse();
        until("the notice again", () -> shop.taken.size() == 2);

        assertThat(shop.taken.getLast().id()).isEqualTo(dead.noticeId());
        assertThat(shop.taken.getLast().body()).isEqualTo(shop.calls.getFirst().body());
        assertThat(deadLetters().oldest(null, null, false, 10)).isEmpty();
        assertThat(deadLetters().oldest(null, null, true, 10).getFirst().resent())
                .satisfies(resent -> assertThat(resent.by()).isEqualTo(anna));
        until("an empty queue", () -> deadLetters().waiting().isEmpty());
    }

    @Test
    void an_endpoint_that_stays_down_keeps_no_queue_for_ever() {
        EndpointStub shop = endpoint((exchange, call, number) -> EndpointStub.status(exchange, 500));
        deliver(Duration.ofSeconds(2), webhook("shop", shop.url()));
        for (int i = 0; i < 30; i++) {
            rig.open("i-" + i);
            rig.freeze("i-" + i, 1);
        }

        until(
                "all are dead letters",
                () -> deadLetters().oldest("shop", null, false, 100).size() == 60);
        assertThat(deadLetters().waiting()).isEmpty();
    }

    @Test
    void an_answer_without_end_counts_by_its_status_and_fills_no_memory() {
        EndpointStub shop = endpoint((exchange, call, number) -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                byte[] block = new byte[64 * 1024];
                while (never.getCount() > 0) {
                    body.write(block);
                }
            }
        });
        deliver(A_DAY, webhook("shop", shop.url()));
        rig.open("i-1");

        until(
                "an empty queue",
                () -> shop.calls.size() == 1 && deadLetters().waiting().isEmpty());
        assertThat(shop.calls).hasSize(1);
    }
}
