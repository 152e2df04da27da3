package io.hourledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.client.example.DownloadShop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/client.md} shows is run as it stands there, against the real service. */
@Tag("servers")
class DocumentedSnippetsTest {

    private static final Path PAGE = IngestProcess.repository().resolve("docs/client.md");

    @TempDir
    Path folder;

    @Test
    void curl_sends_an_event() throws Exception {
        run("bash", "-c", snippet("sh", "snippet-curl"));

        assertThat(logged("snippet-curl")).hasSize(1);
    }

    @Test
    void python_sends_an_event_with_nothing_installed() throws Exception {
        run("python3", "-c", snippet("python", "snippet-python"));

        assertThat(logged("snippet-python")).hasSize(1);
    }

    @Test
    void node_sends_an_event_with_the_sdk_of_cloudevents() throws Exception {
        run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "cloudevents@10.0.0");
        Files.writeString(folder.resolve("send.mjs"), snippet("js", "snippet-node"));

        run("node", "send.mjs");

        assertThat(logged("snippet-node")).hasSize(1);
    }

    @Test
    void the_example_app_sends_all_and_rejected_usage_is_sent_again_by_hand() throws Exception {
        BufferedReader downloads = new BufferedReader(new StringReader("shop-1 100\nshop-2 200\nshop-1 300\n"));
        IngestProcess ingest = SharedIngest.process();

        FlushResult result =
                DownloadShop.serve(ingest.address(), folder.resolve("spill"), () -> IngestProcess.KEY, downloads);

        assertThat(result).isEqualTo(new FlushResult.AllSent());
        assertThat(logged("shop-1")).hasSize(2);
        assertThat(logged("shop-2")).hasSize(1);
    }

    @Test
    void rejected_usage_is_written_down_so_that_it_can_be_sent_again() throws Exception {
        Path spill = folder.resolve("metering-spill");
        SummedMeter unknown = SummedMeter.of("web.unknown", "bytes");
        try (MeteringClient client = MeteringClient.builder(
                        SharedIngest.process().address(), IngestProcess.SOURCE, () -> IngestProcess.KEY)
                .spillTo(spill, 1 << 20)
                .build()) {
            client.usage("mended", unknown, 7);
            client.usage("good", SummedMeter.of("web.egress", "bytes"), 8);
            assertThat(client.flush(Duration.ofSeconds(60))).isEqualTo(new FlushResult.AllSent());
        }
        assertThat(logged("good")).hasSize(1);
        assertThat(logged("mended")).isEmpty();
        Path rejected = spill.resolve("rejected.ndjson");
        assertThat(rejected).content().contains("\"code\":\"unknown_type\"", "\"field\":\"type\"");
        Files.writeString(rejected, Files.readString(rejected).replace("web.unknown", "web.egress"));

        run("bash", "-c", snippet("sh", "rejected.ndjson"));

        assertThat(logged("mended")).hasSize(1);
    }

    /** The page's one code block of a language that holds a word. */
    private static String snippet(String language, String word) throws Exception {
        Matcher blocks =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
        List<String> found = blocks.results()
                .map(block -> block.group(1))
                .filter(block -> block.contains(word))
                .toList();
        assertThat(found).as("snippets in %s with %s", language, word).hasSize(1);
        return found.get(0);
    }

    private static List<String> logged(String subject) {
        return SharedIngest.process().logged().stream()
                .filter(event -> event.replace(" ", "").contains("\"subject\":\"" + subject + "\""))
                .toList();
    }

    private void run(String... command) throws Exception {
        Process process = start(command);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private Process start(String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment()
                .put("METERING_URL", SharedIngest.process().address().toString());
        builder.environment().put("METERING_KEY", IngestProcess.KEY);
        try {
            return builder.start();
        } catch (IOException notInstalled) {
            throw new AssertionError("first run metering-client/install-snippet-tools.sh", notInstalled);
        }
    }
}
