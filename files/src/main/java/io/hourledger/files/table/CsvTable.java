package io.hourledger.files.table;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RFC 4180 in UTF-8. The first column says what a row is: {@code record} or {@code sum}. Sums stand behind all records, under the columns of
 * their names.
 */
public final class CsvTable implements TableFile {

    private static final String LINE_END = "\n";

    private final TableHead head;
    private final Writer out;
    private final List<String> names = new ArrayList<>(List.of("row"));

    public CsvTable(TableHead head, Writer out) throws IOException {
        this.head = head;
        this.out = out;
        head.columns().forEach(column -> names.add(column.name()));
        head.sumColumns().stream()
                .map(Column::name)
                .filter(name -> !names.contains(name))
                .forEach(names::add);
        line(names);
    }

    @Override
    public void add(List<? extends @Nullable Object> values) throws IOException {
        List<String> fields = new ArrayList<>(names.size());
        fields.add("record");
        values.forEach(value -> fields.add(field(value)));
        while (fields.size() < names.size()) {
            fields.add("");
        }
        line(fields);
    }

    @Override
    public void finish() throws IOException {
        for (List<@Nullable Object> sum : head.sums()) {
            List<String> fields = new ArrayList<>(names.stream().map(name -> "").toList());
            fields.set(0, "sum");
            for (int i = 0; i < sum.size(); i++) {
                fields.set(names.indexOf(head.sumColumns().get(i).name()), field(sum.get(i)));
            }
            line(fields);
        }
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
