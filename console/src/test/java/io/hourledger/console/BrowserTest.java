package io.hourledger.console;

import static io.hourledger.console.GivenUsage.hour;
import static io.hourledger.console.GivenUsage.meter;
import static io.hourledger.console.GivenUsage.open;
import static io.hourledger.console.GivenUsage.release;
import static io.hourledger.console.GivenUsage.report;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs {@code browser/tasks.mjs}: Playwright does each page's main task in headless Chromium, and axe looks for what keeps people out. What is
 * missing on the machine is installed first, so this is never skipped. The pictures are in {@code target/screenshots}.
 */
@Tag("servers")
class BrowserTest {

    private static final Path SCREENSHOTS = Path.of("target/screenshots");

    @Test
    void every_page_does_its_main_task_in_three_clicks_and_meets_wcag_aa_in_light_and_dark() throws Exception {
        Ran installed = run(List.of("./install-browser-tools.sh"), 300);
        assertThat(installed.status()).as(installed.output()).isZero();
        try (AnsweringServices others = new AnsweringServices();
                RunningConsole console = others.console()) {
            others.tellOfANightThatNeedsAPerson();
            console.give(List.of(open("a", "buyer-a", "P-1"), open("b", "buyer-b", "P-2")));
            console.give(List.of(
                    meter("a", 1, "30"),
                    meter("a", 2, "2.00005"),
                    meter("b", 1, "5"),
                    meter("a", 750, "42"),
                    report("a", 1),
                    report("a", 750),
                    release("b", hour(2).start()),
                    meter("b", 2, "7")));
            Ran tasks =
                    run(List.of("node", "browser/tasks.mjs", console.address.toString(), SCREENSHOTS.toString()), 120);
            assertThat(tasks.output()).isEmpty();
            assertThat(tasks.status()).isZero();
        }
        assertThat(SCREENSHOTS.resolve("bill-dark.png")).isNotEmptyFile();
    }

    private record Ran(int status, String output) {}

    private static Ran run(List<String> command, long mostSeconds) throws IOException, InterruptedException {
        Files.createDirectories(SCREENSHOTS);
        Path output = SCREENSHOTS.resolve("output.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("CONSOLE_TOKEN", RunningConsole.TOKEN);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(mostSeconds, TimeUnit.SECONDS))
                    .as("%s ends within %s seconds", command, mostSeconds)
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return new Ran(process.exitValue(), Files.readString(output, UTF_8));
    }
}
