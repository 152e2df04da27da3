package io.hourledger.pusher.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.marketplace.UsageWindow;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class MarketplaceFileTest {

    private static final ZoneId BEIJING = ZoneId.of("Asia/Shanghai");
    private static final UsageWindow TWO_TO_THREE =
            new UsageWindow(Instant.parse("2026-11-24T14:00:00Z"), Instant.parse("2026-11-24T15:00:00Z"));

    @TempDir
    private Path folder = Path.of("");

    private List<ListedRow> read(String text) throws IOException {
        return read(text, StandardCharsets.UTF_8, BEIJING, Map.of());
    }

    private List<ListedRow> read(String text, Charset charset, @Nullable ZoneId zone, Map<FileColumn, String> headers)
            throws IOException {
        Path file = folder.resolve("console.csv");
        Files.write(file, text.getBytes(charset));
        return read(file, zone, headers);
    }

    private static List<ListedRow> read(Path file, @Nullable ZoneId zone, Map<FileColumn, String> headers) {
        List<ListedRow> rows = new ArrayList<>();
        new MarketplaceFile(file, new FileLayout(headers, zone)).read(rows::add);
        return rows;
    }

    @Test
    void the_names_of_the_marketplaces_calls_are_known_whatever_stands_above_them() throws IOException {
        assertThat(
                        read(
                                """
                                话单管理,,,,,
                                ,,,,,
                                metering_sn,Instance ID,begin_time,end_time,usage_value,error_code
                                sn-1,hwc-1,2026-11-24 22:00:00,2026-11-24 23:00:00,"1,234.5000",013
                                """))
                .containsExactly(new ListedRow(
                        4, "sn-1", "hwc-1", TWO_TO_THREE, new BigDecimal("1234.5000"), "013", null, null));
    }

    @Test
    void other_headers_are_named_and_chinese_files_are_read() throws IOException {
        assertThat(read(
                        "实例,开始,结束,用量\nhwc-1,2026/11/24 22:00:00,20261124230000,2.5\n",
                        Charset.forName("GB18030"),
                        BEIJING,
                        Map.of(
                                FileColumn.INSTANCE_ID, "实例",
                                FileColumn.BEGIN, "开始",
                                FileColumn.END, "结束",
                                FileColumn.AMOUNT, "用量")))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.window()).isEqualTo(TWO_TO_THREE);
                    assertThat(row.amount()).isEqualByComparingTo("2.5");
                });
    }

    @Test
    void a_byte_order_mark_and_semicolons_and_quotes_against_spreadsheets_are_no_content() throws IOException {
        assertThat(read("\uFEFFmetering_sn;usage_value;error_code\n'00012;1.5;'005\n"))
                .containsExactly(new ListedRow(2, "00012", null, null, new BigDecimal("1.5"), "005", null, null));
    }

    /** Taken for UTC, eight hours off, it would be the window of another record of the same instance. */
    @ParameterizedTest
    @ValueSource(strings = {"2026-11-24 22:00:00", "20261124220000", "20261124220000000"})
    void a_time_without_a_zone_is_not_guessed(String begin) throws IOException {
        assertThat(read(
                        "instance_id,begin_time,end_time\nhwc-1," + begin + ",2026-11-24 23:00:00\n",
                        StandardCharsets.UTF_8,
                        null,
                        Map.of()))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.window()).isNull();
                    assertThat(row.unreadable()).contains("names no zone").contains("--zone");
                });
    }

    /** The second two o'clock of that night is another hour than the first. */
    @Test
    void a_time_that_a_clock_shows_twice_is_not_guessed() throws IOException {
        assertThat(read(
                        "instance_id,begin_time,end_time\nhwc-1,2026-10-25 02:00:00,2026-10-25 02:59:00\n",
                        StandardCharsets.UTF_8,
                        ZoneId.of("Europe/Berlin"),
                        Map.of()))
                .singleElement()
                .satisfies(row -> assertThat(row.unreadable()).contains("comes twice"));
    }

    /** Cut to whole seconds, it would be the window of the late record of that hour. */
    @Test
    void an_end_with_milliseconds_is_no_window_of_ours() throws IOException {
        assertThat(read("instance_id,begin_time,end_time\nhwc-1,20261124220000000,20261124225959999\n"))
                .singleElement()
                .satisfies(row -> assertThat(row.unreadable()).contains("whole seconds"));
    }

    @Test
    void the_time_of_the_marketplaces_calls_names_its_zone() throws IOException {
        assertThat(read(
                        "instance_id,begin_time,end_time\nhwc-1,20261124T140000Z,20261124T150000Z\n",
                        StandardCharsets.UTF_8,
                        null,
                        Map.of()))
                .singleElement()
                .satisfies(row -> assertThat(row.window()).isEqualTo(TWO_TO_THREE));
    }

    @Test
    void a_cell_with_an_absurd_number_spoils_its_own_row_only() throws IOException {
        assertThat(read("metering_sn,begin_time,end_time,usage_value\nsn-1,1E99,2E99,1E999999999\nsn-2,,,1\n"))
                .hasSize(2)
                .last()
                .satisfies(row -> assertThat(row.amount()).isEqualByComparingTo("1"));
    }

    @Test
    void two_columns_of_one_name_are_not_chosen_from() {
        assertThatThrownBy(() -> read("metering_sn,usage_value,usage_value\nsn-1,1,2\n"))
                .hasMessageContaining("two columns usage_value");
    }

    @Test
    void no_sheet_is_passed_over() throws IOException {
        Path file = folder.resolve("console.xlsx");
        try (OutputStream bytes = Files.newOutputStream(file);
                Workbook workbook = new Workbook(bytes, "test", "1.0")) {
            workbook.newWorksheet("one").value(0, 0, "metering_sn");
            workbook.newWorksheet("two").value(0, 0, "metering_sn");
        }
        assertThatThrownBy(() -> read(file, BEIJING, Map.of())).hasMessageContaining("more than one sheet");
    }

    @Test
    void a_time_with_a_zone_needs_no_other() throws IOException {
        assertThat(read(
                        "instance_id,begin_time,end_time\nhwc-1,2026-11-24T14:00:00Z,2026-11-24 23:00:00+08:00\n",
                        StandardCharsets.UTF_8,
                        null,
                        Map.of()))
                .singleElement()
                .satisfies(row -> assertThat(row.window()).isEqualTo(TWO_TO_THREE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5 MB", "1,5", "12,34.5", "NaN", "1e"})
    void what_is_no_number_is_no_amount(String amount) throws IOException {
        assertThat(read("metering_sn;usage_value\nsn-1;" + amount + "\n"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.amount()).isNull();
                    assertThat(row.unreadable()).contains(amount);
                });
    }

    @Test
    void half_a_window_is_told() throws IOException {
        assertThat(read("instance_id,begin_time,end_time\nhwc-1,2026-11-24 22:00:00,\n"))
                .singleElement()
                .satisfies(row -> assertThat(row.unreadable()).contains("only one of begin and end"));
    }

    @Test
    void a_file_without_a_header_names_what_it_has() {
        assertThatThrownBy(() -> read("Resource,Usage\nhwc-1,2.5\n"))
                .isInstanceOf(UnreadableFileException.class)
                .hasMessageContaining("Resource, Usage")
                .hasMessageContaining("--column instance-id");
        assertThatThrownBy(() -> read("")).hasMessageContaining("it is empty");
    }

    /** A workbook has binary numbers for amounts, and days for times. */
    @Test
    void a_workbook_says_the_same_as_a_text() throws IOException {
        Path file = folder.resolve("console.xlsx");
        try (OutputStream bytes = Files.newOutputStream(file);
                Workbook workbook = new Workbook(bytes, "test", "1.0")) {
            Worksheet sheet = workbook.newWorksheet("话单");
            List<String> headers =
                    List.of("metering_sn", "instance_id", "begin_time", "end_time", "usage_value", "error_code");
            for (int i = 0; i < headers.size(); i++) {
                sheet.value(1, i, headers.get(i));
            }
            sheet.value(2, 0, "sn-1");
            sheet.value(2, 1, "hwc-1");
            sheet.value(2, 2, LocalDateTime.parse("2026-11-24T22:00:00"));
            sheet.style(2, 2).format("yyyy-mm-dd hh:mm:ss").set();
            sheet.value(2, 3, "2026-11-24 23:00:00");
            sheet.value(2, 4, 0.1 + 0.2);
            sheet.value(2, 5, 5);
        }
        assertThat(read(file, BEIJING, Map.of())).singleElement().satisfies(row -> {
            assertThat(row.window()).isEqualTo(TWO_TO_THREE);
            assertThat(row.amount()).isEqualTo(new BigDecimal("0.3000"));
            assertThat(row.code()).isEqualTo("5");
            assertThat(row.line()).isEqualTo(3);
        });
    }

    @Test
    void what_is_no_workbook_is_said_to_be_none() throws IOException {
        Path file = folder.resolve("console.xlsx");
        Files.writeString(file, "metering_sn\nsn-1\n");
        assertThatThrownBy(() -> read(file, BEIJING, Map.of()))
                .isInstanceOf(UnreadableFileException.class)
                .hasMessageContaining("console.xlsx can't be read");
    }
}
