package io.hourledger.files.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.util.Locale;

/** The forms that a table can be written in. */
public enum FileForm {
    PARQUET("application/vnd.apache.parquet") {
        @Override
        public TableFile begin(TableHead head, OutputStream out) throws IOException {
            return new ParquetTable(head, out);
        }
    },
    CSV("text/csv; charset=utf-8") {
        @Override
        public TableFile begin(TableHead head, OutputStream out) throws IOException {
            return new CsvTable(head, new BufferedWriter(new OutputStreamWriter(out, UTF_8)));
        }
    },
    XLSX("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") {
        @Override
        public TableFile begin(TableHead head, OutputStream out) throws IOException {
            return new XlsxTable(head, out, XlsxTable.MOST_ROWS);
        }
    },
    JSON("application/json") {
        @Override
        public TableFile begin(TableHead head, OutputStream out) throws IOException {
            return new JsonTable(head, new BufferedWriter(new OutputStreamWriter(out, UTF_8)));
        }
    };

    private final String mediaType;

    FileForm(String mediaType) {
        this.mediaType = mediaType;
    }

    public String mediaType() {
        return mediaType;
    }

    /** The end of a file's name, and how a person asks for the form. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Begins a file.
     *
     * @param out is not closed; what is buffered reaches it when the table is finished
     */
    public abstract TableFile begin(TableHead head, OutputStream out) throws IOException;
}
