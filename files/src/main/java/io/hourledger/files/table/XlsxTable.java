package io.hourledger.files.table;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.jspecify.annotations.Nullable;

/**
 * A workbook: sheets of records, of at most {@value #MOST_ROWS} rows, and a sheet of sums and notes. An amount that a spreadsheet cannot hold
 * exactly, which has 15 digits, is written as text.
 */
final class XlsxTable implements TableFile {

    /** Rows of a sheet, its head included. Source: Excel specifications and limits. */
    static final int MOST_ROWS = 1_048_576;

    private static final int EXACT_DIGITS = 15;
    private static final int ROWS_A_FLUSH = 1000;
    private static final int SECONDS_WIDTH = 20;
    private static final String TIME_FORMAT = "yyyy-mm-dd hh:mm:ss.000";

    private final TableHead head;
    private final Workbook workbook;
    private final int mostRows;
    private @Nullable Worksheet sheet;
    private int sheets;
    private int row;

    /**
     * @param mostRows of a sheet, its head included
     */
    XlsxTable(TableHead head, OutputStream out, int mostRows) {
        this.head = head;
        this.workbook = new Workbook(new Uncloseable(out), "Hourledger", "1.0");
        this.mostRows = mostRows;
    }

    @Override
    public void add(List<? extends @Nullable Object> values) throws IOException {
        Worksheet current = sheet;
        if (current == null || row == mostRows) {
            current = nextSheet(current);
        }
        cells(current, row++, head.columns(), values);
        if (row % ROWS_A_FLUSH == 0) {
            current.flush();
        }
    }

    private Worksheet nextSheet(@Nullable Worksheet full) throws IOException {
        if (full != null) {
            full.finish();
        }
        sheets++;
        Worksheet next = sheetWith(head.title() + " " + sheets, head.columns());
        sheet = next;
        row = 1;
        return next;
    }

    private Worksheet sheetWith(String name, List<Column> columns) {
        Worksheet next = workbook.newWorksheet(name);
        for (int i = 0; i < columns.size(); i++) {
            next.width(i, SECONDS_WIDTH);
            next.inlineString(0, i, columns.get(i).name());
            next.style(0, i).bold().set();
        }
        next.freezePane(0, 1);
        return next;
    }

    private static void cells(Worksheet sheet, int row, List<Column> columns, List<? extends @Nullable Object> values) {
        for (int i = 0; i < columns.size(); i++) {
            Object value = values.get(i);
            switch (value) {
                case null -> {}
                case BigDecimal amount when fits(amount) -> sheet.value(row, i, new BigDecimal(Cells.plain(amount)));
                case Long count when fits(BigDecimal.valueOf(count)) -> sheet.value(row, i, count);
                case Instant time -> {
                    sheet.value(row, i, LocalDateTime.ofInstant(time, ZoneOffset.UTC));
                    sheet.style(row, i).format(TIME_FORMAT).set();
                }
                case String text -> sheet.inlineString(row, i, Cells.noFormula(text));
                default -> sheet.inlineString(row, i, Cells.text(value));
            }
        }
    }

    private static boolean fits(BigDecimal amount) {
        return amount.signum() == 0 || amount.stripTrailingZeros().precision() <= EXACT_DIGITS;
    }

    @Override
    public void finish() throws IOException {
        Worksheet last = sheet == null ? nextSheet(null) : sheet;
        last.finish();
        Worksheet sums = sheetWith("Sums", head.sumColumns());
        int at = 1;
        for (List<@Nullable Object> sum : head.sums()) {
            cells(sums, at++, head.sumColumns(), sum);
        }
        for (Map.Entry<String, String> note : head.notes().entrySet()) {
            at++;
            sums.inlineString(at, 0, Cells.noFormula(note.getKey()));
            sums.inlineString(at, 1, Cells.noFormula(note.getValue()));
        }
        sums.finish();
        workbook.finish();
    }

    @Override
    public void close() {
        // an unfinished workbook has nothing to let go of but memory
    }
}
