package io.hourledger.files.table;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RFC 4180 in UTF-8: a line of names, then records and nothing else, so that a column adds up to its sum. What a file says beside its rows is
 * {@link #beside another file}.
 */
public final class CsvTable implements TableFile {

    private static final String LINE_END = "\n";

    private final Writer out;

    public CsvTable(TableHead head, Writer out) throws IOException {
        this(out, head.columns().stream().map(Column::name).toList());
    }

    /** Writes the sums, a line each, with the notes behind each. Without rows there is one line, with the notes alone. */
    public static void beside(TableHead head, Writer out) throws IOException {
        List<String> names =
                new ArrayList<>(head.sumColumns().stream().map(Column::name).toList());
        head.notes().keySet().forEach(note -> names.add("note_" + note));
        CsvTable table = new CsvTable(out, names);
        List<List<@Nullable Object>> sums = head.sums().isEmpty()
                ? List.of(Collections.nCopies(head.sumColumns().size(), null))
                : head.sums();
        for (List<@Nullable Object> sum : sums) {
            List<@Nullable Object> values = new ArrayList<>(sum);
            values.addAll(head.notes().values());
            table.add(values);
        }
        table.finish();
    }

    private CsvTable(Writer out, List<String> names) throws IOException {
        this.out = out;
        line(names);
    }

    @Override
    public void add(List<? extends @Nullable Object> values) throws IOException {
        List<String> fields = new ArrayList<>(values.size());
        values.forEach(value -> fields.add(field(value)));
        line(fields);
    }

    @Override
    public void finish() throws IOException {
        out.flush();
    }

    private static String field(@Nullable Object value) {
        return value instanceof String text ? Cells.noFormula(text) : Cells.text(value);
    }

    private void line(List<String> fields) throws IOException {
        for (int i = 0; i < fields.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            out.write(quoted(fields.get(i)));
        }
        out.write(LINE_END);
    }

    private static String quoted(String field) {
        boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
    }

    @Override
    public void close() {
        // the writer is the caller's
    }
}
