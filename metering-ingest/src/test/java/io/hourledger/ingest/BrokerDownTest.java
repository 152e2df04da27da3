package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.EmbeddedBroker;
import io.hourledger.ingest.RunningIngest.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("servers")
class BrokerDownTest {

    @Test
    void while_the_broker_is_down_nothing_is_called_accepted_and_all_that_was_is_there_afterwards(
            @TempDir Path folder) {
        EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, Map.of());
        String address = broker.bootstrapServers();
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        List<String> accepted = new ArrayList<>();
        try (RunningIngest ingest = RunningIngest.startAt(
                address,
                "usage-events",
                "hourledger.kafka.delivery-timeout=PT1S",
                "hourledger.kafka.max-block=PT0.2S",
                "hourledger.ingest.answer-timeout=PT5S")) {
            try {
                send(ingest, accepted, "before");

                broker.close();

                Answer down = ingest.one(event("down"));
                assertThat(down.status()).as(down.body()).isEqualTo(503);
                assertThat(down.header("Retry-After")).isEqualTo("2");
                assertThat(down.header("Content-Type")).isEqualTo("application/problem+json");
                assertThat(down.text("/code")).isIn("unconfirmed", "busy");
                assertThat(down.text("/detail")).contains("same source and id");

                Answer batch = ingest.batch(List.of(event("down-1"), event(""), event("down-2")));
                assertThat(batch.status()).as(batch.body()).isEqualTo(503);
                assertThat(batch.text("/items/0/status")).isEqualTo("unavailable");
                assertThat(batch.text("/items/1/status")).isEqualTo("rejected");
                assertThat(batch.text("/items/2/status")).isEqualTo("unavailable");
                assertThat(ingest.get("/actuator/health/readiness").status()).isEqualTo(503);
                assertThat(ingest.get("/actuator/health/liveness").status()).isEqualTo(200);
            } finally {
                broker = EmbeddedBroker.start(folder, port, Map.of());
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> ingest.one(event("again")).status() == 202);
            send(ingest, accepted, "after");

            // an unconfirmed event may be there or not; what was accepted is there
            assertThat(ingest.loggedEvents()).containsAll(accepted);
            Map<String, Integer> times = new HashMap<>();
            ingest.loggedEvents().forEach(event -> times.merge(event, 1, Integer::sum));
            assertThat(accepted).allSatisfy(event -> assertThat(times).containsEntry(event, 1));
        } finally {
            broker.close();
        }
    }

    @Test
    void while_the_brokers_answers_are_lost_nothing_is_called_accepted_though_the_log_may_have_it(
            @TempDir Path folder) {
        try (Relay relay = new Relay();
                EmbeddedBroker broker = EmbeddedBroker.start(
                        folder, 0, Map.of("advertised.listeners", "BROKER://127.0.0.1:" + relay.port()))) {
            String direct = broker.bootstrapServers();
            relay.leadTo(Integer.parseInt(direct.substring(direct.indexOf(':') + 1)));
            try (RunningIngest ingest = RunningIngest.startAt(
                    "127.0.0.1:" + relay.port(),
                    "usage-events",
                    "hourledger.kafka.delivery-timeout=PT1S",
                    "hourledger.kafka.max-block=PT5S",
                    "hourledger.ingest.answer-timeout=PT10S")) {
                assertThat(ingest.one(event("before")).status()).isEqualTo(202);

                relay.holdAnswers(true);
                Answer answer = ingest.batch(List.of(event("lost-1"), event("lost-2")));
                relay.holdAnswers(false);

                assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                assertThat(answer.text("/items/0/code")).isEqualTo("unconfirmed");
                assertThat(answer.text("/items/1/id")).isEqualTo("lost-2");
                assertThat(answer.text("/items/1/detail")).contains("same source and id", "counts once");
                // the sender does as it was told
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> ingest.batch(List.of(event("lost-1"), event("lost-2")))
                                        .status()
                                == 202);
                assertThat(ingest.loggedEvents()).contains(event("before"), event("lost-1"), event("lost-2"));
            }
        }
    }

    private static void send(RunningIngest ingest, List<String> accepted, String prefix) {
        List<String> events =
                IntStream.range(0, 50).mapToObj(i -> event(prefix + "-" + i)).toList();
        Answer answer = ingest.batch(events);
        assertThat(answer.json().at("/accepted").asInt()).isEqualTo(events.size());
        accepted.addAll(events);
    }
}
