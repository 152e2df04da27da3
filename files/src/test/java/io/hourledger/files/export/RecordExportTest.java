package io.hourledger.files.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.files.export.GivenRecords.Upgrade;
import io.hourledger.files.export.RecordExport.Scope;
import io.hourledger.files.table.FileForm;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.YearMonth;
import java.util.List;
import org.apache.poi.ss.usermodel.CellType;
import org.apache.poi.ss.usermodel.Row;
import org.apache.poi.ss.usermodel.Sheet;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The same records in each form, read back by a reader that shares no code with the writer. */
@Tag("servers")
class RecordExportTest {

    private static final String FORMULA = "=cmd|' /C calc'!A0";

    private final GivenRecords given = new GivenRecords();
    private final RecordExport export = new RecordExport(given.jdbc, given.transactions);

    @BeforeEach
    void records_of_two_buyers_in_two_months() {
        given.instance("i-1", FORMULA);
        given.instance("i-2", "buyer, 2");
        given.records("i-1", 2, "1.2500", "0.00001234567", "reported");
        given.records("i-2", 800, "0.0001", "0", "in-flight");
    }

    private byte[] written(FileForm form, Scope scope) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        export.write(scope, head -> form.begin(head, out), rows -> {});
        return out.toByteArray();
    }

    @Test
    void csv_has_one_spelling_of_numbers_and_times_and_nothing_but_records() {
        List<String> lines =
                new String(written(FileForm.CSV, Scope.ALL), UTF_8).lines().toList();
        assertThat(lines).hasSize(1 + 802);
        assertThat(lines.get(0))
                .isEqualTo("buyer,meter,product_id,instance_id,hour_utc,revision,begin_time_utc,end_time_utc,"
                        + "usage_value,carried,package_instance_id,metering_sn,state,reported_at_utc,code,detail");
        assertThat(lines.get(1))
                .startsWith("'" + FORMULA + ",egress,web-egress,i-1,2026-01-01T00:00:00Z,0,2026-01-01T00:00:00Z,"
                        + "2026-01-01T01:00:00Z,1.25,0.00001234567,,")
                .endsWith(",reported,2026-01-01T01:02:00.000060Z,,");
        assertThat(lines.get(3)).startsWith("\"buyer, 2\",egress,");
    }

    @Test
    void the_column_of_amounts_of_a_csv_comes_to_the_ledgers_sum(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("records.csv");
        Files.write(file, written(FileForm.CSV, Scope.ALL));
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            assertThat(one(
                            statement,
                            "select sum(usage_value::decimal(38, 4)) = 2.58 and count(*) = 802 from '" + file + "'"))
                    .isEqualTo("true");
        }
    }

    @Test
    void a_record_has_the_product_of_its_begin_and_not_of_today() {
        given.products("i-1", "web-small", new Upgrade("web-egress", "2026-01-01T01:00:00Z"));
        JsonNode records =
                new JsonMapper().readTree(written(FileForm.JSON, Scope.ALL)).get("records");
        assertThat(records.get(0).get("product_id").stringValue()).isEqualTo("web-small");
        assertThat(records.get(1).get("product_id").stringValue()).isEqualTo("web-egress");
        assertThat(records.get(2).get("product_id").stringValue()).isEqualTo("web-egress");
    }

    @Test
    void a_file_says_when_it_was_read_and_how_far_its_tables_are_behind() {
        given.products("i-1", "web-small", new Upgrade("web-egress", "2026-01-01T01:00:00Z"));
        JsonNode notes =
                new JsonMapper().readTree(written(FileForm.JSON, Scope.ALL)).get("notes");
        assertThat(notes.path("read_at_utc").asString()).matches("20\\d\\d-.*Z");
        assertThat(notes.path("events_not_shown_yet").asString()).isEqualTo("2");
    }

    @Test
    void a_month_and_a_buyer_narrow_it() {
        assertThat(new String(written(FileForm.CSV, new Scope(YearMonth.of(2026, 2), "buyer, 2")), UTF_8)
                        .lines()
                        .toList())
                .hasSize(1 + 800 - 31 * 24);
    }

    @Test
    void json_has_amounts_as_strings_and_the_sums_as_its_last_member() {
        JsonNode file = new JsonMapper().readTree(written(FileForm.JSON, Scope.ALL));
        assertThat(file.propertyNames()).containsExactly("title", "notes", "records", "sums");
        assertThat(file.get("records")).hasSize(802);
        assertThat(file.get("records").get(0).get("usage_value").stringValue()).isEqualTo("1.25");
        assertThat(file.get("records").get(0).get("buyer").stringValue()).isEqualTo(FORMULA);
        assertThat(file.get("sums").get(1).get("records").longValue()).isEqualTo(2);
        assertThat(file.get("sums").get(0).get("usage_value").stringValue()).isEqualTo("0.08");
    }

    @Test
    void parquet_has_typed_columns_and_the_sums_in_its_metadata(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("records.parquet");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            export.write(Scope.ALL, head -> FileForm.PARQUET.begin(head, out), rows -> {});
        }
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            assertThat(one(
                            statement,
                            "select count(*) || ' ' || sum(usage_value) || ' ' || sum(carried) || ' '"
                                    + " || count(distinct metering_sn) from '" + file + "'"))
                    .isEqualTo("802 2.5800 0.000024691340000000 802");
            assertThat(one(
                            statement,
                            "select typeof(usage_value) || ' ' || typeof(begin_time_utc) || ' ' || typeof(revision)"
                                    + " || ' ' || typeof(buyer) from '" + file + "' limit 1"))
                    .isEqualTo("DECIMAL(38,4) TIMESTAMP WITH TIME ZONE BIGINT VARCHAR");
            assertThat(one(statement, "select epoch_us(min(reported_at_utc)) from '" + file + "'"))
                    .isEqualTo("1767229320000060");
            assertThat(one(
                            statement,
                            "select decode(value) from parquet_kv_metadata('" + file + "') where decode(key) = 'sums'"))
                    .contains(
                            "{\"meter\":\"egress\",\"state\":\"reported\",\"records\":\"2\",\"usage_value\":\"2.5\"}");
        }
    }

    private static String one(Statement statement, String query) throws Exception {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void xlsx_has_numbers_times_and_texts_that_are_no_formulas() throws Exception {
        try (XSSFWorkbook workbook = new XSSFWorkbook(new ByteArrayInputStream(written(FileForm.XLSX, Scope.ALL)))) {
            Sheet records = workbook.getSheetAt(0);
            assertThat(records.getSheetName()).isEqualTo("Records 1");
            assertThat(records.getLastRowNum()).isEqualTo(802);
            Row first = records.getRow(1);
            assertThat(first.getCell(0).getCellType()).isEqualTo(CellType.STRING);
            assertThat(first.getCell(0).getStringCellValue()).isEqualTo("'" + FORMULA);
            assertThat(first.getCell(8).getCellType()).isEqualTo(CellType.NUMERIC);
            assertThat(first.getCell(8).getNumericCellValue()).isEqualTo(1.25);
            assertThat(first.getCell(6).getLocalDateTimeCellValue()).isEqualTo("2026-01-01T00:00:00");
            Sheet sums = workbook.getSheet("Sums");
            assertThat(sums.getRow(1).getCell(2).getNumericCellValue()).isEqualTo(800);
            assertThat(sums.getRow(1).getCell(3).getNumericCellValue()).isEqualTo(0.08);
        }
    }

    @Test
    void a_file_whose_rows_do_not_come_to_the_ledgers_sums_is_never_finished() {
        given.jdbc.execute(
                """
                alter table ledger.usage_record rename to stored_record;
                create view ledger.usage_record as
                    select instance_id, metering_sn, hour, revision, begin_at, end_at,
                        amount + round(random()::numeric, 4) as amount, carried, package_instance_id, state,
                        reported_at, code, detail
                    from ledger.stored_record
                """);
        for (FileForm form : FileForm.values()) {
            assertThatThrownBy(() -> written(form, Scope.ALL))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("and the ledger says");
        }
    }

    @Test
    void an_empty_ledger_gives_a_whole_file_without_rows() throws Exception {
        Scope none = new Scope(YearMonth.of(2030, 1), null);
        assertThat(new String(written(FileForm.CSV, none), UTF_8).lines().toList())
                .hasSize(1);
        assertThat(new JsonMapper().readTree(written(FileForm.JSON, none)).get("records"))
                .isEmpty();
        try (XSSFWorkbook workbook = new XSSFWorkbook(new ByteArrayInputStream(written(FileForm.XLSX, none)))) {
            assertThat(workbook.getSheetAt(0).getLastRowNum()).isZero();
        }
        assertThat(written(FileForm.PARQUET, none)).startsWith((byte) 'P', (byte) 'A', (byte) 'R', (byte) '1');
    }
}
