package io.hourledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class FullDiskTest {

    @TempDir
    Path folder;

    @Test
    void a_disk_that_takes_no_more_fails_the_call_and_leaves_no_half_file() throws Exception {
        List<String> java = ChildJvm.command(64, FullDiskApp.class.getName(), folder.toString());
        String limited = "ulimit -f 200; exec \"$0\" \"$@\"";
        Process app = new ProcessBuilder(Stream.concat(Stream.of("bash", "-c", limited), java.stream())
                        .toList())
                .redirectErrorStream(true)
                .start();

        assertThat(new String(app.getInputStream().readAllBytes(), UTF_8))
                .contains("no disk for usage: make room in the spill folder");
        assertThat(usageFiles()).isEmpty();
    }

    private List<Path> usageFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".usage")).toList();
        }
    }
}
