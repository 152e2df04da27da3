package io.hourledger.pusher.files;

import io.hourledger.contracts.marketplace.UsageWindow;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the cells of one row. What can't be read is told and never guessed. */
final class CellReader {

    /** Decimals of the marketplace's amounts (koogallery.md, section 1.3). */
    private static final int DECIMALS = 4;

    /** A spreadsheet stores numbers in binary, so 0.1 may stand there as 0.10000000000000001. */
    private static final BigDecimal BINARY_NOISE = new BigDecimal("0.0000001");

    /** The day before which a spreadsheet's day 1 lies, so that every date from March 1900 on is right (ECMA-376, 18.17.4.1). */
    private static final LocalDateTime DAY_ZERO = LocalDateTime.of(1899, 12, 30, 0, 0);

    private static final BigDecimal SECONDS_A_DAY = new BigDecimal(86_400);

    private static final Pattern DAYS = Pattern.compile("\\d{1,5}(\\.\\d{1,20})?");
    /** As a spreadsheet writes numbers; more digits than any amount has are no amount. */
    private static final Pattern AMOUNT = Pattern.compile("[+-]?\\d{1,20}(\\.\\d{1,30})?([eE][+-]?\\d{1,2})?");

    private static final Pattern THOUSANDS = Pattern.compile("\\d{1,3}(,\\d{3})+(\\.\\d+)?");

    private static final List<DateTimeFormatter> LOCAL = List.of(
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss"),
            DateTimeFormatter.ofPattern("uuuu/MM/dd HH:mm:ss"),
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss"),
            DateTimeFormatter.ofPattern("uuuuMMddHHmmss"),
            DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS"));

    /** Of the marketplace's own calls (koogallery.md, section 1.3). */
    private static final DateTimeFormatter OF_CALLS = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssX");

    private final @Nullable ZoneId zone;

    CellReader(@Nullable ZoneId zone) {
        this.zone = zone;
    }

    /** A cell's text, and whether a spreadsheet stores it as a number. */
    record Cell(String text, boolean number) {

        /** Without what is put around a text so that a spreadsheet does not change it. */
        static Cell ofText(String text) {
            String bare = text.strip();
            return new Cell(bare.startsWith("'") ? bare.substring(1).strip() : bare, false);
        }
    }

    /** A cell says something else than its column holds; the message is for a person. */
    private static final class UnreadableCellException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnreadableCellException(String sentence) {
            super(sentence);
        }
    }

    /** What its cells say; those of columns that the file lacks are not among them. */
    ListedRow row(long line, Map<FileColumn, Cell> cells) {
        Map<FileColumn, Cell> there = new EnumMap<>(FileColumn.class);
        cells.forEach((column, cell) -> {
            if (!cell.text().isEmpty()) {
                there.put(column, cell);
            }
        });
        @Nullable String sn = text(there, FileColumn.METERING_SN);
        @Nullable String instance = text(there, FileColumn.INSTANCE_ID);
        @Nullable String code = text(there, FileColumn.CODE);
        @Nullable String reason = text(there, FileColumn.REASON);
        try {
            return new ListedRow(line, sn, instance, window(there), amount(there), code, reason, null);
        } catch (UnreadableCellException why) {
            return new ListedRow(line, sn, instance, null, null, code, reason, why.getMessage());
        }
    }

    private static @Nullable String text(Map<FileColumn, Cell> cells, FileColumn column) {
        Cell cell = cells.get(column);
        return cell == null ? null : cell.text();
    }

    private @Nullable UsageWindow window(Map<FileColumn, Cell> cells) {
        Cell begin = cells.get(FileColumn.BEGIN);
        Cell end = cells.get(FileColumn.END);
        if (begin == null && end == null) {
            return null;
        }
        if (begin == null || end == null) {
            throw new UnreadableCellException("it has only one of begin and end");
        }
        try {
            return new UsageWindow(time(begin), time(end));
        } catch (IllegalArgumentException noWindow) {
            throw new UnreadableCellException(String.valueOf(noWindow.getMessage()));
        }
    }

    private Instant time(Cell cell) {
        String text = cell.text();
        Optional<Instant> zoned = withZone(text);
        if (zoned.isPresent()) {
            return zoned.get();
        }
        LocalDateTime local = cell.number() && DAYS.matcher(text).matches() ? spreadsheetTime(text) : localTime(text);
        if (zone == null) {
            throw new UnreadableCellException("time " + text + " names no zone; say which by --zone");
        }
        if (zone.getRules().getValidOffsets(local).size() != 1) {
            throw new UnreadableCellException("time " + text + " comes twice or never in " + zone
                    + ", where clocks change; only a time with its offset tells which it is");
        }
        return local.atZone(zone).toInstant();
    }

    private static Optional<Instant> withZone(String text) {
        return zoned(text.replace(' ', 'T'), DateTimeFormatter.ISO_OFFSET_DATE_TIME)
                .or(() -> zoned(text, OF_CALLS));
    }

    private static Optional<Instant> zoned(String text, DateTimeFormatter format) {
        try {
            return Optional.of(OffsetDateTime.parse(text, format).toInstant());
        } catch (DateTimeException namesNone) {
            return Optional.empty();
        }
    }

    private static LocalDateTime spreadsheetTime(String days) {
        long seconds = new BigDecimal(days)
                .multiply(SECONDS_A_DAY)
                .setScale(0, RoundingMode.HALF_UP)
                .longValueExact();
        return DAY_ZERO.plusSeconds(seconds);
    }

    private static LocalDateTime localTime(String text) {
        return LOCAL.stream()
                .flatMap(format -> parsed(text, format).stream())
                .findFirst()
                .orElseThrow(() -> new UnreadableCellException(
                        "time " + text + " has no form that is known, such as 2026-11-24 14:00:00"));
    }

    private static Optional<LocalDateTime> parsed(String text, DateTimeFormatter format) {
        try {
            return Optional.of(LocalDateTime.parse(text, format));
        } catch (DateTimeException another) {
            return Optional.empty();
        }
    }

    private static @Nullable BigDecimal amount(Map<FileColumn, Cell> cells) {
        Cell cell = cells.get(FileColumn.AMOUNT);
        if (cell == null) {
            return null;
        }
        String text = cell.text();
        String digits = THOUSANDS.matcher(text).matches() ? text.replace(",", "") : text;
        if (!AMOUNT.matcher(digits).matches()) {
            throw new UnreadableCellException("amount " + text + " is no number");
        }
        BigDecimal read = new BigDecimal(digits);
        BigDecimal rounded = read.setScale(DECIMALS, RoundingMode.HALF_UP);
        boolean noise = cell.number() && read.subtract(rounded).abs().compareTo(BINARY_NOISE) < 0;
        return noise ? rounded : read;
    }
}
