package io.hourledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class RejectedUsagesTest {

    private static final boolean NOT_TAKEN = false;

    @TempDir
    Path folder;

    /** A client that is closed interrupts its sender, which may be writing at that moment. */
    @Test
    void rejected_usage_is_written_down_once_and_whole_though_the_thread_is_interrupted() throws Exception {
        RejectedUsages usages = new RejectedUsages(folder, 1 << 20, new SafeListener(new MeteringListener() {}));
        RejectedUsage rejected = new RejectedUsage("{\"id\":\"a-1\"}", "a-1", "too_old", "time", "too old", NOT_TAKEN);
        Thread.currentThread().interrupt();

        boolean kept = usages.keep(List.of(rejected));

        assertThat(Thread.interrupted()).as("the interrupt is still there").isTrue();
        assertThat(kept).isTrue();
        assertThat(Files.readAllLines(folder.resolve("rejected.ndjson")))
                .containsExactly("{\"code\":\"too_old\",\"field\":\"time\",\"detail\":\"too old\","
                        + "\"mayBeTaken\":false,\"event\":{\"id\":\"a-1\"}}");
    }
}
