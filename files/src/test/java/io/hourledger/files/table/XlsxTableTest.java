package io.hourledger.files.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.poi.ss.usermodel.CellType;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class XlsxTableTest {

    private static final TableHead HEAD = new TableHead(
            "Rows",
            List.of(Column.text("name"), Column.amount("amount", 4)),
            5,
            Map.of("a note", "-1"),
            List.of(Column.count("rows")),
            List.of(List.of(5L)));

    private static XSSFWorkbook workbook(int mostRows, List<BigDecimal> amounts) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (XlsxTable table = new XlsxTable(HEAD, out, mostRows)) {
            for (BigDecimal amount : amounts) {
                table.add(List.of("n", amount));
            }
            table.finish();
        }
        return new XSSFWorkbook(new ByteArrayInputStream(out.toByteArray()));
    }

    @Test
    void a_sheet_that_is_full_is_followed_by_the_next() throws Exception {
        List<BigDecimal> five =
                List.of(1, 2, 3, 4, 5).stream().map(BigDecimal::valueOf).toList();
        try (XSSFWorkbook workbook = workbook(3, five)) {
            assertThat(workbook.getNumberOfSheets()).isEqualTo(4);
            assertThat(workbook.getSheet("Rows 1").getLastRowNum()).isEqualTo(2);
            assertThat(workbook.getSheet("Rows 3").getRow(0).getCell(0).getStringCellValue())
                    .isEqualTo("name");
            assertThat(workbook.getSheet("Rows 3").getRow(1).getCell(1).getNumericCellValue())
                    .isEqualTo(5);
            assertThat(workbook.getSheet("Sums").getRow(3).getCell(1).getStringCellValue())
                    .isEqualTo("'-1");
        }
    }

    @Test
    void a_sheet_has_no_more_rows_than_excel_takes() {
        assertThat(XlsxTable.MOST_ROWS).isEqualTo(1 << 20);
    }

    @Test
    void an_amount_that_a_spreadsheet_would_round_is_text() throws Exception {
        try (XSSFWorkbook workbook = workbook(
                XlsxTable.MOST_ROWS, List.of(new BigDecimal("99999999.9999"), new BigDecimal("1234567890.1234567")))) {
            assertThat(workbook.getSheetAt(0).getRow(1).getCell(1).getNumericCellValue())
                    .isEqualTo(99999999.9999);
            assertThat(workbook.getSheetAt(0).getRow(2).getCell(1).getCellType())
                    .isEqualTo(CellType.STRING);
            assertThat(workbook.getSheetAt(0).getRow(2).getCell(1).getStringCellValue())
                    .isEqualTo("1234567890.1234567");
        }
    }
}
