package io.hourledger.cli.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.files.table.Cells;
import io.hourledger.standalone.file.CsvLine;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Rows, one at a time, as a table for people, as CSV or as JSON lines; nothing is kept but what a table needs to line up. */
public final class Output {

    private static final int ROWS_TO_MEASURE = 200;

    /** The forms rows can have. */
    enum Format {
        table,
        csv,
        json
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES} (default: table); json is one object a line")
    private Format format = Format.table;

    private final JsonMapper mapper = new JsonMapper();

    /** Rows with these columns; {@link Rows#end()} prints what a table still holds back. */
    public Rows rows(PrintWriter out, String... columns) {
        return new Rows(out, format, List.of(columns));
    }

    /** Writes the rows of one answer. */
    public interface Content {
        void writeTo(Rows rows);
    }

    /** Why rows cannot be written into this file; its name must end as the form of its rows. */
    public Optional<String> problemWith(@Nullable Path file) {
        boolean fits =
                file == null || (formOf(file) != Format.table && (format == Format.table || format == formOf(file)));
        return fits
                ? Optional.empty()
                : Optional.of("a file is csv or json, as its name ends: " + file + " with --format " + format);
    }

    private static Format formOf(Path file) {
        String name = file.toString();
        return name.endsWith(".csv") ? Format.csv : name.endsWith(".json") ? Format.json : Format.table;
    }

    /**
     * Prints rows with these columns, or writes them into a file that is replaced when it is whole.
     *
     * @param file null to print; else one that {@link #problemWith} has nothing against
     */
    public void write(PrintWriter out, @Nullable Path file, Content content, String... columns) {
        if (file == null) {
            writeTo(rows(out, columns), content);
            return;
        }
        WholeFile.write(file, stream -> {
            PrintWriter writer = new PrintWriter(new OutputStreamWriter(stream, UTF_8));
            writeTo(new Rows(writer, formOf(file), List.of(columns)), content);
            if (writer.checkError()) {
                throw new IOException("the rows could not be written");
            }
        });
    }

    private static void writeTo(Rows rows, Content content) {
        content.writeTo(rows);
        rows.end();
    }

    public final class Rows {
        private final PrintWriter out;
        private final Format format;
        private final List<String> columns;
        private final List<List<String>> held = new ArrayList<>();
        private int @Nullable [] widths;
        private boolean started;

        private Rows(PrintWriter out, Format format, List<String> columns) {
            this.out = out;
            this.format = format;
            this.columns = columns;
        }

        public void add(@Nullable Object... values) {
            List<String> texts = new ArrayList<>();
            for (Object value : values) {
                texts.add(text(value));
            }
            switch (format) {
                case csv -> csv(Stream.of(values).map(Output::inSpreadsheet).toList());
                case json -> json(values);
                case table -> table(texts);
            }
        }

        private void csv(List<String> texts) {
            if (!started) {
                out.println(String.join(",", columns));
                started = true;
            }
            out.println(String.join(",", texts.stream().map(CsvLine::quoted).toList()));
        }

        private void json(@Nullable Object[] values) {
            ObjectNode object = mapper.createObjectNode();
            for (int i = 0; i < values.length; i++) {
                Object value = values[i];
                switch (value) {
                    case null -> object.putNull(columns.get(i));
                    case Integer number -> object.put(columns.get(i), number.longValue());
                    case Long number -> object.put(columns.get(i), number);
                    case Boolean yes -> object.put(columns.get(i), yes);
                    default -> object.put(columns.get(i), text(value));
                }
            }
            out.println(mapper.writeValueAsString(object));
        }

        private void table(List<String> texts) {
            if (widths != null) {
                line(texts, widths);
                return;
            }
            held.add(texts);
            if (held.size() == ROWS_TO_MEASURE) {
                flush();
            }
        }

        private void flush() {
            int[] measured = new int[columns.size()];
            for (int i = 0; i < measured.length; i++) {
                int column = i;
                measured[i] = Math.max(
                        columns.get(i).length(),
                        held.stream()
                                .mapToInt(row -> row.get(column).length())
                                .max()
                                .orElse(0));
            }
            line(columns, measured);
            held.forEach(row -> line(row, measured));
            held.clear();
            widths = measured;
        }

        private void line(List<String> texts, int[] measured) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                line.append(text).append(" ".repeat(Math.max(0, measured[i] - text.length()) + 2));
            }
            out.println(line.toString().stripTrailing());
        }

        public void end() {
            if (format == Format.table && widths == null) {
                flush();
            }
            if (format == Format.csv && !started) {
                out.println(String.join(",", columns));
            }
            out.flush();
        }
    }

    /** An amount as everywhere: with the decimals that it has, and no zeros behind them. */
    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case BigDecimal amount -> BillableAmount.canonical(amount).toPlainString();
            default -> value.toString();
        };
    }

    private static String inSpreadsheet(@Nullable Object value) {
        return value instanceof String text ? Cells.noFormula(text) : text(value);
    }
}
