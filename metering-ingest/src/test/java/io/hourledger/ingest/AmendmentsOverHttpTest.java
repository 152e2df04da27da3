package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.RunningIngest.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What apps send to amend and void their own events. */
@Tag("servers")
class AmendmentsOverHttpTest {

    private static RunningIngest ingest;

    @BeforeAll
    static void start() {
        ingest = RunningIngest.start();
    }

    @AfterAll
    static void stop() {
        ingest.close();
    }

    private static String amendment(String type, String id, String event) {
        return """
                {"specversion":"1.0","type":"io.hourledger.usage.%s","source":"/shop","id":"%s","subject":"i-1",\
                "time":"2026-11-24T13:04:59Z","data":{"event":%s,"by":"ana","why":"sent twice"}}"""
                .formatted(type, id, event);
    }

    @Test
    void an_amendment_is_in_the_log_with_its_own_bytes_under_its_subject() {
        String amendment = amendment("amended", "a-1", event("e-1"));

        Answer answer = ingest.amend(amendment);

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(answer.text("/id")).isEqualTo("a-1");
        assertThat(ingest.loggedEvents()).contains(amendment);
    }

    @Test
    void an_event_is_voided_by_its_id_and_type() {
        String voided = amendment("voided", "v-1", "{\"id\":\"e-1\",\"type\":\"web.egress\"}");

        assertThat(ingest.amend(voided).status()).isEqualTo(202);
        assertThat(ingest.loggedEvents()).contains(voided);
    }

    @Test
    void a_key_amends_events_of_its_own_sources_only() {
        Answer answer = ingest.amend(amendment("amended", "a-2", event("e-2")).replace("/shop", "/other"));

        assertThat(answer.status()).as(answer.body()).isEqualTo(403);
        assertThat(answer.text("/code")).isEqualTo("forbidden");
        assertThat(answer.text("/field")).isEqualTo("source");
        assertThat(String.join("", ingest.loggedEvents())).doesNotContain("a-2");
    }

    @Test
    void nothing_but_data_can_change_and_somebody_answers_for_it() {
        Answer otherTime = ingest.amend(amendment("amended", "a-3", event("e-3").replace("13:04:59Z", "13:04:58Z")));
        assertThat(otherTime.status()).isEqualTo(400);
        assertThat(otherTime.text("/field")).isEqualTo("data.event.time");

        Answer nobody = ingest.amend(amendment("amended", "a-4", event("e-4")).replace("\"by\":\"ana\",", ""));
        assertThat(nobody.status()).isEqualTo(400);
        assertThat(nobody.text("/field")).isEqualTo("data.by");

        Answer sameId = ingest.amend(amendment("amended", "e-5", event("e-5")));
        assertThat(sameId.status()).isEqualTo(400);
        assertThat(sameId.text("/field")).isEqualTo("id");
    }

    @Test
    void usage_and_amendments_have_paths_of_their_own() {
        assertThat(ingest.one(amendment("amended", "a-6", event("e-6"))).text("/code"))
                .isEqualTo("unknown_type");
        assertThat(ingest.amend(event("e-7")).text("/code")).isEqualTo("unknown_type");
        assertThat(String.join("", ingest.loggedEvents())).doesNotContain("a-6").doesNotContain("e-7");
    }
}
