package io.hourledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("servers")
class ChildTest {

    /** What a child runs in this test: nothing, for ever. */
    public static final class Idle {

        private Idle() {}

        public static void main(String[] args) throws InterruptedException {
            new CountDownLatch(1).await();
        }
    }

    @Test
    void when_the_driver_is_gone_its_children_its_frozen_ones_and_the_database_end(@TempDir Path run) throws Exception {
        EmbeddedDatabase database = EmbeddedDatabase.start(RunFolder.database(run), 0, Durability.FAST);
        List<Process> children = new ArrayList<>();
        for (StackPart part : List.of(StackPart.INGEST_1, StackPart.INGEST_2, StackPart.AGGREGATOR_1)) {
            Process child = idle(run);
            ProcessIds.of(run).put(part, child.toHandle());
            children.add(child);
        }
        Process frozen = children.get(2);
        new ProcessBuilder("kill", "-STOP", Long.toString(frozen.pid())).start().waitFor();

        for (Process child : children) {
            child.getOutputStream().close();
        }

        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> children.stream()
                .noneMatch(Process::isAlive));
        assertThat(database.isRunning()).isFalse();
        database.close();
    }

    private static Process idle(Path run) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        run.toString(),
                        Idle.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
