package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.RunningIngest.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class UsageEventsOverHttpTest {

    private static RunningIngest ingest;

    @BeforeAll
    static void start() {
        ingest = RunningIngest.start();
    }

    @AfterAll
    static void stop() {
        ingest.close();
    }

    @Test
    void an_accepted_event_is_in_the_log_with_its_own_bytes_its_subject_and_the_time_of_receipt() {
        String event = " " + event("own-bytes").replace("\"id\"", "\"x\" : [1 ,2],\n\"id\"") + "\n";

        Answer answer = ingest.one(event);

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(answer.text("/status")).isEqualTo("accepted");
        assertThat(answer.text("/id")).isEqualTo("own-bytes");
        assertThat(ingest.logged()).anySatisfy(record -> {
            assertThat(new String(record.value(), UTF_8)).isEqualTo(event);
            assertThat(new String(record.key(), UTF_8)).isEqualTo("i-1");
            assertThat(record.timestamp()).isEqualTo(RunningIngest.NOW.toEpochMilli());
            assertThat(record.partition())
                    .isEqualTo(answer.json().at("/receipt/partition").asInt());
            assertThat(record.offset())
                    .isEqualTo(answer.json().at("/receipt/offset").asLong());
        });
    }

    @Test
    void a_batch_is_answered_item_by_item_and_the_good_ones_are_kept() {
        Answer answer = ingest.batch(List.of(
                event("good-1"),
                event("bad-time").replace("2026-11-24T13:04:59Z", "yesterday"),
                "{\"id\": nonsense}",
                event("foreign").replace("/shop", "/other"),
                event("good-2")));

        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertThat(answer.json().at("/accepted").asInt()).isEqualTo(2);
        assertThat(answer.json().at("/rejected").asInt()).isEqualTo(3);
        assertThat(answer.json().at("/items")).hasSize(5);
        assertThat(answer.text("/items/0/status")).isEqualTo("accepted");
        assertThat(answer.text("/items/1/status")).isEqualTo("rejected");
        assertThat(answer.text("/items/1/id")).isEqualTo("bad-time");
        assertThat(answer.text("/items/1/code")).isEqualTo("invalid");
        assertThat(answer.text("/items/1/field")).isEqualTo("time");
        assertThat(answer.text("/items/2/code")).isEqualTo("not_json");
        assertThat(answer.text("/items/3/code")).isEqualTo("forbidden");
        assertThat(answer.text("/items/4/receipt/topic")).isEqualTo(ingest.topic);
        assertThat(ingest.loggedEvents()).contains(event("good-1"), event("good-2"));
        assertThat(String.join("", ingest.loggedEvents())).doesNotContain("bad-time", "nonsense", "foreign");
    }
}
