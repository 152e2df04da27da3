package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.standalone.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A demo in a process of its own is killed in the middle and started again with the same command. */
@Tag("servers")
@Timeout(600)
class DemoCrashTest {

    private static final int HOURS = 5;
    private static final int REQUESTS_AN_HOUR = 60;
    private static final Pattern HOURS_CLOSED = Pattern.compile("· (\\d+) of " + HOURS + " hours ·");

    @TempDir
    Path folder;

    /** By buyer, then hour: what a plain reading of the log finds. */
    private final Map<String, Map<Integer, Long>> requests = new TreeMap<>();

    private final Map<String, Map<Integer, Long>> bytes = new TreeMap<>();
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void killed_in_the_middle_and_started_again_it_ends_with_the_report_of_an_undisturbed_run() throws Exception {
        Path log = writeLog();

        Process first = demo(log);
        awaitHours(first, 2);
        first.destroyForcibly().waitFor();

        Process second = demo(log);
        awaitHours(second, 3);
        second.destroyForcibly().waitFor();

        Process third = demo(log);
        String said = new String(third.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(third.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(third.exitValue()).as(said).isEqualTo(ExitCode.OK);

        assertThat(Files.readAllLines(folder.resolve("report.csv")).stream()
                        .skip(1)
                        .map(line -> line.split(",", -1))
                        .map(f -> String.join(",", f[0], f[1], f[3], f[4], f[5], f[6], f[8])))
                .containsExactlyElementsOf(expected());
    }

    private Process demo(Path log) throws IOException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx1g",
                        "-XX:+UseParallelGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dmetering.any-ports=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MeteringCli.class.getName(),
                        "demo",
                        "--access-log",
                        log.toString(),
                        "--report",
                        folder.resolve("report.csv").toString(),
                        "--data-dir",
                        folder.resolve("data").toString(),
                        "--speed",
                        "2")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    /** Reads what the demo says until so many hours are closed. */
    private static void awaitHours(Process demo, int hours) throws IOException {
        BufferedReader said = demo.inputReader();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher closed = HOURS_CLOSED.matcher(line);
            if (closed.find() && Integer.parseInt(closed.group(1)) >= hours) {
                return;
            }
        }
        throw new AssertionError("the demo ended before " + hours + " hours were closed");
    }

    private Path writeLog() throws IOException {
        Random random = new Random(4);
        StringBuilder log = new StringBuilder();
        for (int hour = 0; hour < HOURS; hour++) {
            for (int i = 0; i < REQUESTS_AN_HOUR; i++) {
                String buyer = "192.0.2." + (1 + random.nextInt(9));
                long size = random.nextInt(5) == 0 ? 0 : random.nextInt(3_000);
                requests.computeIfAbsent(buyer, any -> new TreeMap<>()).merge(hour, 1L, Long::sum);
                bytes.computeIfAbsent(buyer, any -> new TreeMap<>()).merge(hour, size, Long::sum);
                log.append(String.format(
                        java.util.Locale.ROOT,
                        "%s - - [18/May/2015:%02d:%02d:%02d +0000] \"GET / HTTP/1.1\" 200 %s \"-\" \"agent\"%n",
                        buyer,
                        3 + hour,
                        random.nextInt(60),
                        random.nextInt(60),
                        size == 0 ? "-" : Long.toString(size)));
            }
        }
        return Files.writeString(folder.resolve("access.log"), log);
    }

    private List<String> expected() {
        List<String> rows = new ArrayList<>();
        for (String buyer : requests.keySet()) {
            rowsOf(buyer, "egress", bytes.get(buyer), 6, rows);
            rowsOf(buyer, "requests", requests.get(buyer), 0, rows);
        }
        return rows;
    }

    private static void rowsOf(String buyer, String meter, Map<Integer, Long> hours, int decimals, List<String> rows) {
        BigDecimal carried = BigDecimal.ZERO;
        for (Map.Entry<Integer, Long> hour : hours.entrySet()) {
            BigDecimal due = carried.add(BigDecimal.valueOf(hour.getValue(), decimals));
            BigDecimal billed = due.setScale(4, RoundingMode.DOWN);
            carried = due.subtract(billed);
            if (billed.signum() > 0) {
                rows.add(String.format(
                        java.util.Locale.ROOT,
                        "%s,%s,2015-05-18T%02d:00:00Z,2015-05-18T%02d:00:00Z,%s,%s,reported",
                        buyer,
                        meter,
                        3 + hour.getKey(),
                        4 + hour.getKey(),
                        plain(billed),
                        plain(carried)));
            }
        }
    }

    private static String plain(BigDecimal amount) {
        return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
    }
}
