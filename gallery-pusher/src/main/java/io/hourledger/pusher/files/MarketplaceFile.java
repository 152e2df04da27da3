package io.hourledger.pusher.files;

import io.hourledger.pusher.files.CellReader.Cell;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.io.input.BOMInputStream;
import org.dhatim.fastexcel.reader.CellType;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.dhatim.fastexcel.reader.Sheet;
import org.jspecify.annotations.Nullable;

/**
 * A file of the seller console: CSV (UTF-8, else GB18030; comma, semicolon or tab) or XLSX (one sheet). Rows are read one by one. Lines
 * above the header are passed over.
 */
public final class MarketplaceFile {

    /** Titles and remarks that a console puts above the header. */
    private static final int MOST_LINES_ABOVE = 20;

    private static final Charset CHINESE = Charset.forName("GB18030");

    private final Path file;
    private final FileLayout layout;
    private final CellReader cells;

    public MarketplaceFile(Path file, FileLayout layout) {
        this.file = file;
        this.layout = layout;
        this.cells = new CellReader(layout.zone());
    }

    /**
     * Hands over its rows in their order.
     *
     * @throws UnreadableFileException if no header is found, or the file is none of these forms
     */
    public void read(Consumer<ListedRow> reader) {
        boolean workbook =
                file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".xlsx");
        Table table = new Table(reader);
        try {
            if (workbook) {
                readWorkbook(table);
            } else {
                readText(table);
            }
        } catch (IOException | UncheckedIOException broken) {
            throw new UnreadableFileException("file " + file + " can't be read: " + broken.getMessage(), broken);
        }
        table.end();
    }

    /** The digest of a file's bytes, in hexadecimal digits. */
    public static String sha256(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            bytes.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException broken) {
            throw new UnreadableFileException("file " + file + " can't be read: " + broken.getMessage(), broken);
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    private void readWorkbook(Table table) throws IOException {
        try (ReadableWorkbook workbook = new ReadableWorkbook(Files.newInputStream(file))) {
            if (workbook.getSheets().count() > 1) {
                throw new UnreadableFileException("file " + file
                        + " has more than one sheet, and none may be passed over: save each as a file of its own");
            }
            readSheet(workbook.getFirstSheet(), table);
        }
    }

    private static void readSheet(Sheet sheet, Table table) throws IOException {
        try (Stream<Row> rows = sheet.openStream()) {
            rows.forEach(row -> table.add(
                    row.getRowNum(), row.stream().map(MarketplaceFile::cell).toList()));
        }
    }

    private static Cell cell(org.dhatim.fastexcel.reader.@Nullable Cell cell) {
        if (cell == null || cell.getType() == CellType.EMPTY) {
            return new Cell("", false);
        }
        boolean number = cell.getType() == CellType.NUMBER;
        return number ? new Cell(cell.getRawValue(), true) : Cell.ofText(cell.getText());
    }

    private void readText(Table table) throws IOException {
        Charset charset = isIn(StandardCharsets.UTF_8) ? StandardCharsets.UTF_8 : CHINESE;
        try (CSVParser parser = CSVFormat.RFC4180
                .builder()
                .setDelimiter(delimiter(charset))
                .get()
                .parse(text(charset))) {
            for (CSVRecord line : parser) {
                table.add(
                        parser.getCurrentLineNumber(),
                        line.stream().map(Cell::ofText).toList());
            }
        }
    }

    private boolean isIn(Charset charset) throws IOException {
        CharsetDecoder strict = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        char[] some = new char[8192];
        try (Reader reader = new InputStreamReader(Files.newInputStream(file), strict)) {
            while (reader.read(some) >= 0) {
                // only whether it can be decoded
            }
            return true;
        } catch (CharacterCodingException another) {
            return false;
        }
    }

    private Reader text(Charset charset) throws IOException {
        return new InputStreamReader(BOMInputStream.builder().setPath(file).get(), charset.newDecoder());
    }

    /** The one of which the first lines have most. */
    private String delimiter(Charset charset) throws IOException {
        char[] begin = new char[4096];
        try (Reader reader = text(charset)) {
            int length = Math.max(0, reader.read(begin));
            String text = new String(begin, 0, length);
            return Stream.of(",", ";", "\t")
                    .max((one, other) -> Long.compare(count(text, one), count(text, other)))
                    .orElseThrow();
        }
    }

    private static long count(String text, String delimiter) {
        return text.chars().filter(c -> c == delimiter.charAt(0)).count();
    }

    /** Finds the header, then reads what stands below it. */
    private final class Table {
        private final Consumer<ListedRow> reader;
        private @Nullable Map<FileColumn, Integer> columns;
        private @Nullable List<String> likelyHeader;
        private int above;

        Table(Consumer<ListedRow> reader) {
            this.reader = reader;
        }

        void add(long line, List<Cell> row) {
            if (row.stream().allMatch(cell -> cell.text().isEmpty())) {
                return;
            }
            if (columns == null) {
                findHeader(row);
                return;
            }
            Map<FileColumn, Cell> named = new EnumMap<>(FileColumn.class);
            columns.forEach((column, place) -> {
                if (place < row.size()) {
                    named.put(column, row.get(place));
                }
            });
            reader.accept(cells.row(line, named));
        }

        private void findHeader(List<Cell> row) {
            Map<FileColumn, Integer> found = new EnumMap<>(FileColumn.class);
            for (int i = 0; i < row.size(); i++) {
                Optional<FileColumn> column = columnOf(row.get(i).text());
                if (column.isPresent() && found.put(column.get(), i) != null) {
                    throw new UnreadableFileException("file " + file + " has two columns "
                            + row.get(i).text() + "; name the right one by another header with --column");
                }
            }
            boolean namesRecords =
                    found.containsKey(FileColumn.METERING_SN) || found.containsKey(FileColumn.INSTANCE_ID);
            if (namesRecords && found.keySet().containsAll(layout.headers().keySet())) {
                columns = found;
                return;
            }
            List<String> texts = row.stream().map(Cell::text).toList();
            if (likelyHeader == null || texts.size() > likelyHeader.size()) {
                likelyHeader = texts;
            }
            if (++above > MOST_LINES_ABOVE) {
                throw noHeader();
            }
        }

        private Optional<FileColumn> columnOf(String header) {
            return layout.headers().entrySet().stream()
                    .filter(told -> told.getValue().strip().equals(header))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .or(() -> FileColumn.ofHeader(header)
                            .filter(column -> !layout.headers().containsKey(column)));
        }

        void end() {
            if (columns == null) {
                throw noHeader();
            }
        }

        private UnreadableFileException noHeader() {
            String seen = likelyHeader == null
                    ? "it is empty"
                    : "its columns are " + likelyHeader.stream().collect(Collectors.joining(", "));
            return new UnreadableFileException("file " + file
                    + " has no header that names its records; " + seen
                    + ". Say which is which, such as --column instance-id=\"...\" or --column metering-sn=\"...\"");
        }
    }
}
