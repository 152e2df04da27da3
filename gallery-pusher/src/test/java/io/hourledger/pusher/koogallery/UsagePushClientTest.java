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

    private HttpResult push(Duration latestSend) {
        return client.push(BODY, System.nanoTime() + latestSend.toNanos());
    }

    /** The account would stop for it, though nobody has said yet that the other key is wrong. */
    @Test
    void a_call_that_could_not_go_again_under_the_other_key_says_nothing_of_the_keys() {
        long latestSend = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        gallery.answers(push -> {
            while (System.nanoTime() <= latestSend) {
                Thread.onSpinWait();
            }
            return WRONG_SIGNATURE;
        });

        assertThat(client.push(BODY, latestSend)).isInstanceOf(HttpResult.NotMade.class);
        assertThat(gallery.pushes()).hasSize(1);
    }

    @Test
    void an_answer_that_says_nothing_of_the_signature_changes_no_key() {
        gallery.answers(push -> push.number() == 0
                ? WRONG_SIGNATURE
                : push.number() == 1
                        ? new Reply(429, "<html>slow down</html>", java.util.Map.of())
                        : Reply.json(200, GalleryStub.ACCEPTED));

        push(Duration.ofSeconds(10));
        push(Duration.ofSeconds(10));

        assertThat(gallery.pushes()).extracting(GalleryStub.Push::signed).containsExactly(true, false, true);
    }

    @Test
    void the_key_that_the_marketplace_takes_is_used_from_then_on() {
        gallery.knowsKey("the-old-key");
        gallery.answers(push -> push.signed() ? Reply.json(200, GalleryStub.ACCEPTED) : WRONG_SIGNATURE);

        push(Duration.ofSeconds(10));
        push(Duration.ofSeconds(10));

        assertThat(gallery.pushes()).extracting(GalleryStub.Push::signed).containsExactly(false, true, true);
    }
}
