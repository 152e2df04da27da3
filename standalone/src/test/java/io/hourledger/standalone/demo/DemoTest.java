package io.hourledger.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.standalone.stack.DataDirectory;
import io.hourledger.standalone.stack.StackOptions;
import io.hourledger.standalone.traffic.AccessLog;
import io.hourledger.standalone.traffic.Survey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole stack, from a log file to the comparison: real broker, real database, real HTTP, real signatures. */
@Tag("servers")
@Timeout(240)
class DemoTest {

    /** Unsorted within the hour, two equal lines, a size of {@code -}, lines that are none; three hours, the second without a request. */
    private static final String LOG =
            """
            192.0.2.1 - - [17/May/2015:10:05:43 +0000] "GET /a HTTP/1.1" 200 203023 "-" "agent"
            192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET /b HTTP/1.1" 200 1 "-" "agent"
            192.0.2.2 - - [17/May/2015:10:59:59 +0000] "GET /c HTTP/1.1" 304 - "-" "agent"
            this is not a line of an access log
            192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET /b HTTP/1.1" 200 1 "-" "agent"
            192.0.2.3 - - [17/May/2015:12:00:00 +0000] "GET /d HTTP/1.1" 200 49 "-" "agent"
            192.0.2.1 - - [17/May/2015:12:30:00 +0000] "GET /e HTTP/1.1" 200 76 "-" "agent"
            192.0.2.9 - - [31/Feb/2015:12:30:00 +0000] "GET /f HTTP/1.1" 200 76 "-" "agent"
            192.0.2.3 - - [17/May/2015:12:00:00 +0000] "GET /d HTTP/1.1" 200 51 "-" "agent"
            """;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private boolean demo(Path log, Path report, Path dataDir) throws Exception {
        AccessLog traffic = AccessLog.of(log);
        Survey survey = DemoTraffic.survey(traffic);
        try (DataDirectory kept = DataDirectory.open(dataDir)) {
            return new Demo(
                            traffic,
                            survey,
                            report,
                            2,
                            false,
                            kept,
                            new PrintStream(said, true, StandardCharsets.UTF_8),
                            false,
                            StackOptions.Ports.ANY,
                            Map.of())
                    .run();
        }
    }

    @Test
    void a_log_ends_as_usage_records_that_agree_with_it_and_a_second_run_ends_with_the_same() throws Exception {
        Path log = Files.writeString(folder.resolve("access.log"), LOG);
        Path report = folder.resolve("report.csv");

        assertThat(demo(log, report, folder.resolve("data")))
                .as("two lines were not counted: " + said.toString(StandardCharsets.UTF_8))
                .isFalse();

        assertThat(withoutReportedAt(report))
                .containsExactly(
                        "buyer,meter,instance_id,begin_time,end_time,usage_value,carried,metering_sn,state",
                        row("192.0.2.1", "egress", "10", "0.203", "0.000025"),
                        // 76 bytes and the 25 carried are one unit of the fourth decimal, and one byte
                        row("192.0.2.1", "egress", "12", "0.0001", "0.000001"),
                        row("192.0.2.1", "requests", "10", "3", "0"),
                        row("192.0.2.1", "requests", "12", "1", "0"),
                        row("192.0.2.2", "requests", "10", "1", "0"),
                        // 49 and 51 bytes of two requests in one hour
                        row("192.0.2.3", "egress", "12", "0.0001", "0"),
                        row("192.0.2.3", "requests", "12", "2", "0"));
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains(
                        "9 lines, 3 buyers, 6 instances",
                        "2 lines, not counted:",
                        "line 4: there is no time in [brackets]",
                        "NOT COUNTED: 2 of 9 lines",
                        "line 8: the time is not like",
                        "14 accepted; 14 counted, 0 duplicates, none in quarantine",
                        "7 reported, 100 % within 15 minutes",
                        "log = ledger = gallery for every one of 6 instances",
                        "./metering ledger trace --data-dir ",
                        "./metering ledger statement --data-dir ",
                        "./metering ledger verify --data-dir ");

        List<String> first = withoutReportedAt(report);
        Path again = folder.resolve("again.csv");
        demo(log, again, folder.resolve("data"));
        assertThat(withoutReportedAt(again)).isEqualTo(first);

        Path other = Files.writeString(
                folder.resolve("other.log"), LOG.lines().findFirst().orElseThrow() + "\n");
        assertThatThrownBy(() -> demo(other, again, folder.resolve("data")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to the demo of", "another --data-dir");
    }

    @Test
    void a_log_without_a_request_is_no_demo() throws Exception {
        Path log = Files.writeString(folder.resolve("empty.log"), "nothing\n\n");
        assertThatThrownBy(() -> demo(log, folder.resolve("report.csv"), folder.resolve("data")))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(
                        "there is no request in", "line 1: ", "line 2: the line is empty", "--log-format");
    }

    /** The row's ids are functions of its buyer, meter and window, so they are checked by asking for the same again. */
    private String row(String buyer, String meter, String hour, String value, String carried) throws IOException {
        String found = withoutReportedAt(folder.resolve("report.csv")).stream()
                .filter(line -> line.startsWith(buyer + "," + meter + ",") && line.contains("T" + hour + ":00:00Z,"))
                .findFirst()
                .orElse("none of " + buyer + " " + meter + " at " + hour);
        String[] fields = found.split(",", -1);
        return fields.length < 8
                ? found
                : String.join(
                        ",",
                        buyer,
                        meter,
                        fields[2],
                        "2015-05-17T" + hour + ":00:00Z",
                        "2015-05-17T" + (Integer.parseInt(hour) + 1) + ":00:00Z",
                        new BigDecimal(value).toPlainString(),
                        new BigDecimal(carried).toPlainString(),
                        fields[7],
                        "reported");
    }

    private static List<String> withoutReportedAt(Path report) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(report)) {
            lines.add(line.substring(0, line.lastIndexOf(',')));
        }
        return lines;
    }
}
