package io.hourledger.simulator.fault;

import static io.hourledger.simulator.Gallery.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.simulator.FakeSeller;
import io.hourledger.simulator.Gallery;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A script throws every switch in an order that its seed gives. */
@Tag("servers")
class FaultScriptTest {

    @Test
    void a_seed_gives_one_order_and_another_seed_another() {
        assertThat(ScriptStep.all(1)).isEqualTo(ScriptStep.all(1)).isNotEqualTo(ScriptStep.all(2));
        assertThat(ScriptStep.all(1)).extracting(ScriptStep::word).doesNotHaveDuplicates();
    }

    @Test
    void every_misbehaviour_of_an_answer_is_in_it() {
        assertThat(ScriptStep.all(1))
                .extracting(ScriptStep::kind)
                .containsAll(Arrays.stream(Misbehaviour.values())
                        .filter(kind -> !kind.isOfCallbacks() && kind != Misbehaviour.INTERNAL_ERROR_BEFORE_STORING)
                        .toList());
    }

    /** A record that is refused for good alone would be a person's, and no machine could say that the run went well. */
    @Test
    void a_code_that_refuses_for_good_never_meets_a_record_alone() {
        assertThat(ScriptStep.all(1))
                .filteredOn(step -> step.word().contains("9001") || step.word().contains("0100"))
                .isNotEmpty()
                .allSatisfy(
                        step -> assertThat(step.parameters().fewestRecords()).isEqualTo(2));
    }

    @Test
    void it_goes_on_when_its_calls_have_come_and_tells_what_it_hit() {
        // one of its own: an outage or a wait that is asked for would be met by the tests that come next
        try (FakeSeller seller = new FakeSeller(Gallery.SELLER_KEY);
                Gallery gallery = new Gallery("2026-05-04T09:30:00Z", Map.of())) {
            gallery.calls(seller);
            goesOn(gallery);
        }
    }

    /** As a host that is down does; nothing answers before a connection is there. */
    @Test
    void a_closed_port_refuses_connections_and_is_the_same_one_again_afterwards() {
        try (Gallery gallery = new Gallery("2026-05-04T09:30:00Z", Map.of())) {
            gallery.control("POST", "/sim/port/close", "{\"seconds\":2}");

            await().atMost(Duration.ofSeconds(10)).until(() -> refuses(gallery));
            await().atMost(Duration.ofSeconds(10)).until(() -> !refuses(gallery));
        }
    }

    private static boolean refuses(Gallery gallery) {
        try {
            gallery.get("/sim/faults");
            return false;
        } catch (java.io.UncheckedIOException noConnection) {
            return noConnection.getCause() instanceof java.net.ConnectException;
        }
    }

    private static void goesOn(Gallery gallery) {
        gallery.clock.moveTo(Instant.parse("2026-05-04T09:30:00Z"));
        String instance = gallery.open("buyer-" + UUID.randomUUID(), "web-requests");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:02:30Z"));
        gallery.control("POST", "/sim/script", "{\"seed\":5,\"seconds\":60}");

        await().atMost(Duration.ofMinutes(1)).until(() -> {
            push(gallery, instance);
            return thrown(gallery)
                            .valueStream()
                            .filter(one -> one.path("hits").asLong() > 0)
                            .count()
                    >= 2;
        });

        JsonNode after = gallery.control("DELETE", "/sim/script", null).json();
        assertThat(after.path("thrown").get(0).path("word").asString(""))
                .isEqualTo(ScriptStep.all(5).getFirst().word());
        assertThat(after.path("notThrown").valueStream().count())
                .isLessThanOrEqualTo(ScriptStep.all(5).size() - 2);
        assertThat(after.path("switches").asInt()).isEqualTo(ScriptStep.all(5).size());
        assertThat(after.path("thrown").valueStream())
                .allMatch(one -> !one.path("to").isNull());
        assertThat(gallery.get("/sim/faults").json().valueStream())
                .noneMatch(fault -> fault.path("active").asBoolean());
    }

    private static JsonNode thrown(Gallery gallery) {
        return gallery.get("/sim/script").json().path("thrown");
    }

    /** Two records, so that every switch can hit; an answer that is no answer is one, too. */
    private static void push(Gallery gallery, String instance) {
        List<Map<String, Object>> records = List.of(one(instance), one(instance));
        try {
            gallery.push(records);
        } catch (java.io.UncheckedIOException cut) {
            assertThat(cut.getCause()).isInstanceOf(java.io.IOException.class);
        }
    }

    private static Map<String, Object> one(String instance) {
        return record(
                instance,
                "sn-" + UUID.randomUUID(),
                "2026-05-04T10:00:00Z",
                "2026-05-04T11:00:00Z",
                "5",
                "2026-05-04T11:02:00Z");
    }
}
