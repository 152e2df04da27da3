package io.hourledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.client.CallingApp.Calls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** App and service are real processes, killed as kill -9 does, with a real Kafka between them and the end. */
@Tag("servers")
class KilledOnBothSidesTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private final Set<Long> returned = new TreeSet<>();

    @Test
    void every_call_that_returned_is_in_the_log_and_counts_once() throws Exception {
        Path spill = folder.resolve("spill");
        Calls calls = new Calls(folder.resolve("calls"));
        IngestProcess ingest = SharedIngest.process();

        Process app = app(spill, ingest);
        Awaitility.await().atMost(LONG).until(() -> !numbersById(ingest).isEmpty() && calls.returned() > 500);
        kill(app, calls, 0);

        long secondLife = calls.called();
        app = app(spill, ingest);
        Awaitility.await().atMost(LONG).until(() -> calls.returned() > secondLife + 500);
        ingest.kill();
        long withoutService = calls.returned();
        Awaitility.await().atMost(LONG).until(() -> calls.returned() > withoutService + 2_000);
        kill(app, calls, secondLife);

        long thirdLife = calls.called();
        app = app(spill, ingest);
        Awaitility.await().atMost(LONG).until(() -> calls.returned() > thirdLife + 200);
        SharedIngest.startAgain();
        calls.end();
        assertThat(app.waitFor())
                .as(Files.readString(folder.resolve("app.log")))
                .isZero();
        note(thirdLife, calls);

        assertThat(numbersById(SharedIngest.process()).values())
                .containsAll(returned)
                .doesNotHaveDuplicates();
        try (Stream<Path> left = Files.list(spill)) {
            assertThat(left).isEmpty();
        }
    }

    private Process app(Path spill, IngestProcess ingest) {
        return ChildJvm.start(
                folder.resolve("app.log"),
                64,
                CallingApp.class.getName(),
                spill.toString(),
                folder.resolve("calls").toString(),
                ingest.address().toString());
    }

    private void kill(Process app, Calls calls, long before) {
        app.destroyForcibly();
        Awaitility.await().atMost(LONG).until(() -> !app.isAlive());
        note(before, calls);
    }

    private void note(long before, Calls calls) {
        LongStream.rangeClosed(before + 1, calls.returned()).forEach(returned::add);
    }

    /** What each id stands for. The aggregator counts an id once, if all its copies say the same. */
    private static Map<String, Long> numbersById(IngestProcess ingest) {
        Map<String, String> events = new HashMap<>();
        Map<String, Long> numbers = new HashMap<>();
        for (String text : new HashSet<>(ingest.logged())) {
            JsonNode event = JsonMapper.shared().readTree(text);
            if (!event.get("subject").asString().startsWith(CallingApp.INSTANCE)) {
                continue;
            }
            String id = event.get("id").asString();
            assertThat(events.put(id, text))
                    .as("another copy of " + id + " says the same")
                    .isNull();
            numbers.put(id, event.get("data").get("bytes").asLong());
        }
        return numbers;
    }
}
