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
        return client.push(BODY, System.nanoTime() + Duration.ofSeconds(10).toNanos());
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
}
