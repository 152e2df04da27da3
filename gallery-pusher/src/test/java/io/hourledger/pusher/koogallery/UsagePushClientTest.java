package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.pusher.GalleryStub;
import io.hourledger.pusher.GalleryStub.Reply;
import io.hourledger.pusher.marketplace.HttpResult;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A seller key is being changed in the console, so the account has two. */
@Tag("servers")
class UsagePushClientTest {

    private static final byte[] BODY = "{\"usage_records\":[]}".getBytes(UTF_8);
    private static final Reply WRONG_SIGNATURE = Reply.code(400, "MKT.0102");

    private final GalleryStub gallery = new GalleryStub();
    private final UsagePushClient client = new UsagePushClient(
            new MarketplaceHosts(gallery.address(), null, Duration.ofSeconds(2), Duration.ofSeconds(30)),
            SellerKeys.of(GalleryStub.KEY, "the-old-key"),
            Clock.systemUTC());

    @AfterEach
    void stop() {
        gallery.close();
    }

    private HttpResult push() {
        return push(BODY);
    }

    private HttpResult push(byte[] body) {
        return client.push(body, System.nanoTime() + Duration.ofSeconds(10).toNanos());
    }

    /** A second call of the client's own would go out above the account's rate. */
    @Test
    void a_push_is_one_call_and_says_that_the_next_is_signed_with_the_other_key() {
        gallery.knowsKey("the-old-key");
        gallery.answers(push -> push.signed() ? Reply.json(200, GalleryStub.ACCEPTED) : WRONG_SIGNATURE);

        assertThat(push()).isInstanceOf(HttpResult.KeyRefused.class);
        assertThat(gallery.pushes()).hasSize(1);
        assertThat(push()).isInstanceOf(HttpResult.Answer.class);
        push();

        assertThat(gallery.pushes()).extracting(GalleryStub.Push::signed).containsExactly(false, true, true);
    }

    /** The account would stop for it, though nobody has said yet that the other key is wrong. */
    @Test
    void only_when_both_keys_are_refused_the_refusal_is_handed_on() {
        gallery.answers(push -> WRONG_SIGNATURE);

        assertThat(push()).isInstanceOf(HttpResult.KeyRefused.class);
        assertThat(push()).isInstanceOf(HttpResult.Answer.class);
        assertThat(push()).isInstanceOf(HttpResult.Answer.class);

        assertThat(gallery.pushes()).extracting(GalleryStub.Push::signed).containsExactly(true, false, true);
    }

    @Test
    void hosts_that_disagree_about_the_key_refuse_neither_for_good() {
        gallery.answers(push -> push.number() % 2 == 0 ? WRONG_SIGNATURE : Reply.json(200, GalleryStub.ACCEPTED));

        for (int i = 0; i < 3; i++) {
            assertThat(push()).isInstanceOf(HttpResult.KeyRefused.class);
            assertThat(push()).isInstanceOf(HttpResult.Answer.class);
        }
    }

    @Test
    void an_answer_that_says_nothing_of_the_signature_says_nothing_of_the_keys() {
        gallery.answers(push ->
                push.number() == 1 ? new Reply(429, "<html>slow down</html>", java.util.Map.of()) : WRONG_SIGNATURE);

        assertThat(push()).isInstanceOf(HttpResult.KeyRefused.class);
        assertThat(push()).isInstanceOf(HttpResult.Answer.class);
        assertThat(push()).isInstanceOf(HttpResult.Answer.class);

        assertThat(gallery.pushes()).extracting(GalleryStub.Push::signed).containsExactly(true, false, false);
    }

    /** That is final for a record which is alone in its call, and says nothing of another. */
    @Test
    void a_refusal_is_handed_on_only_for_a_body_that_both_keys_were_refused_for() {
        gallery.answers(push -> WRONG_SIGNATURE);

        assertThat(push(another(1))).isInstanceOf(HttpResult.KeyRefused.class);
        assertThat(push()).isInstanceOf(HttpResult.KeyRefused.class);
        assertThat(push()).isInstanceOf(HttpResult.Answer.class);
    }

    @Test
    void a_body_that_breaks_the_signature_is_found_though_others_come_between_and_costs_them_nothing() {
        gallery.answers(push ->
                push.signed() && !push.body().contains("[]") ? Reply.json(200, GalleryStub.ACCEPTED) : WRONG_SIGNATURE);

        assertThat(push()).isInstanceOf(HttpResult.KeyRefused.class);
        for (int i = 0; i < 3; i++) {
            assertThat(push(another(i))).isInstanceOf(HttpResult.Answer.class);
        }
        assertThat(push()).isInstanceOf(HttpResult.Answer.class);
        assertThat(push(another(4))).isInstanceOf(HttpResult.Answer.class);

        assertThat(gallery.pushes())
                .extracting(GalleryStub.Push::signed)
                .containsExactly(true, true, true, true, false, true);
    }

    /** New records may join those that go again, so no body need ever come twice. */
    @Test
    void bodies_that_change_all_the_time_hide_from_nobody_that_no_key_is_taken() {
        gallery.answers(push -> WRONG_SIGNATURE);

        for (int i = 0; i < 4; i++) {
            assertThat(push(another(i))).isInstanceOf(HttpResult.KeyRefused.class);
        }
        assertThat(push(another(4))).isInstanceOf(HttpResult.Answer.class);
        assertThat(gallery.pushes()).extracting(GalleryStub.Push::signed).contains(true, false);
    }

    private static byte[] another(int number) {
        return ("{\"usage_records\":[{\"metering_sn\":\"" + number + "\"}]}").getBytes(UTF_8);
    }
}
