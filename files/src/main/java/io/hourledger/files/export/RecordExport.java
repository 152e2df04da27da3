package io.hourledger.files.export;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.files.reading.LongReading;
import io.hourledger.files.reading.ProductsOfHours;
import io.hourledger.files.reading.ReadingNotes;
import io.hourledger.files.table.Column;
import io.hourledger.files.table.TableFile;
import io.hourledger.files.table.TableHead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Every usage record with where it stands, sorted by buyer, meter and begin. Rows are streamed from a cursor, so memory does not grow with them.
 * Rows and sums are of one moment: the sums come from the database, and what was written is added up and compared with them.
 */
public final class RecordExport {

    private static final int ROWS_A_REPORT = 10_000;

    private static final String SCOPE =
            """
            from ledger.usage_record r
            join ledger.instance i using (instance_id)
            where r.hour >= ? and r.hour < ? and (?::text is null or i.buyer_id = ?)
                and (?::text is null or i.account = ?)
            """;

    private static final String SUMS =
            "select i.meter, r.state, count(*), sum(r.amount) " + SCOPE + " group by 1, 2 order by 1, 2";

    private static final String ROWS =
            """
            select i.buyer_id, i.meter, i.product_id, r.instance_id, r.hour, r.revision, r.begin_at, r.end_at, r.amount,
                r.carried, r.package_instance_id, r.metering_sn, r.state, r.reported_at, r.code, r.detail
            """
                    + SCOPE + " order by i.buyer_id, i.meter, r.begin_at, r.instance_id, r.end_at";

    /** The columns, in the order of the query. */
    public static final List<Column> COLUMNS = List.of(
            Column.text("buyer"),
            Column.text("meter"),
            Column.text("product_id"),
            Column.text("instance_id"),
            Column.time("hour_utc"),
            Column.count("revision"),
            Column.time("begin_time_utc"),
            Column.time("end_time_utc"),
            Column.amount("usage_value", BillableAmount.SCALE),
            Column.amount("carried", Column.EXACT_SCALE),
            Column.text("package_instance_id"),
            Column.text("metering_sn"),
            Column.text("state"),
            Column.time("reported_at_utc"),
            Column.text("code"),
            Column.text("detail"));

    private static final List<Column> SUM_COLUMNS = List.of(
            Column.text("meter"),
            Column.text("state"),
            Column.count("records"),
            Column.amount("usage_value", BillableAmount.SCALE));

    private static final int METER = 1;
    private static final int PRODUCT = 2;
    private static final int INSTANCE = 3;
    private static final int BEGIN = 6;
    private static final int AMOUNT = 8;
    private static final int STATE = 12;

    private static final Instant BEGINNING = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("9999-01-01T00:00:00Z");

    private final LongReading reading;

    public RecordExport(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.reading = new LongReading(jdbc, transactions);
    }

    /**
     * Which records.
     *
     * @param month of the records' hours, UTC; null for all
     * @param buyer null for all
     * @param account the seller account that they are sent by; null for all
     */
    public record Scope(@Nullable YearMonth month, @Nullable String buyer, @Nullable String account) {

        public static final Scope ALL = new Scope(null, null);

        /** Of all seller accounts. */
        public Scope(@Nullable YearMonth month, @Nullable String buyer) {
            this(month, buyer, null);
        }

        private List<@Nullable Object> parameters() {
            return Arrays.asList(
                    at(month == null ? BEGINNING : start(month)),
                    at(month == null ? END : start(month.plusMonths(1))),
                    buyer,
                    buyer,
                    account,
                    account);
        }

        private static Instant start(YearMonth month) {
            return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        }

        private static OffsetDateTime at(Instant moment) {
            return moment.atOffset(ZoneOffset.UTC);
        }
    }

    /** Begins the file once its sums are known. */
    public interface Begin {
        TableFile file(TableHead head) throws IOException;
    }

    /** What rows of one meter and state came to. */
    private record Sum(long records, BigDecimal amount) {

        static final Sum NONE = new Sum(0, BigDecimal.ZERO);

        Sum plus(Sum other) {
            return new Sum(records + other.records, amount.add(other.amount));
        }

        boolean is(@Nullable Sum other) {
            return other != null && records == other.records && amount.compareTo(other.amount) == 0;
        }
    }

    /**
     * @param progress gets the number of rows written so far, now and then
     * @return how many rows
     * @throws IllegalStateException if what was written does not come to the ledger's sums
     */
    public long write(Scope scope, Begin begin, LongConsumer progress) {
        return reading.together(() -> {
            Map<List<String>, Sum> sums = sums(scope);
            ProductsOfHours products = new ProductsOfHours(reading);
            try (TableFile file = begin.file(head(scope, sums))) {
                long written = rows(scope, products, file, sums, progress);
                file.finish();
                return written;
            } catch (IOException unwritable) {
                throw new UncheckedIOException("the file cannot be written: " + unwritable.getMessage(), unwritable);
            }
        });
    }

    private Map<List<String>, Sum> sums(Scope scope) {
        Map<List<String>, Sum> sums = new TreeMap<>(Comparator.comparing(List::toString));
        reading.stream(
                SUMS,
                scope.parameters(),
                row -> sums.put(
                        List.of(row.getString(1), row.getString(2)), new Sum(row.getLong(3), row.getBigDecimal(4))));
        return sums;
    }

    private TableHead head(Scope scope, Map<List<String>, Sum> sums) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        sums.forEach((name, sum) -> rows.add(Arrays.asList(name.get(0), name.get(1), sum.records, sum.amount)));
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put("month_utc", scope.month == null ? "all" : scope.month.toString());
        notes.put("buyer", scope.buyer == null ? "all" : scope.buyer);
        notes.put("seller_account", scope.account == null ? "all" : scope.account);
        notes.put("times", "UTC");
        ReadingNotes.addTo(notes, reading);
        long count = sums.values().stream().mapToLong(Sum::records).sum();
        return new TableHead("Records", COLUMNS, count, notes, SUM_COLUMNS, rows);
    }

    private long rows(
            Scope scope,
            ProductsOfHours products,
            TableFile file,
            Map<List<String>, Sum> expected,
            LongConsumer progress) {
        Map<List<String>, Sum> written = new TreeMap<>(Comparator.comparing(List::toString));
        long[] count = {0};
        reading.stream(ROWS, scope.parameters(), row -> {
            List<@Nullable Object> values = values(row);
            values.set(PRODUCT, product(values, products));
            write(file, values);
            written.merge(
                    List.of(text(values, METER), text(values, STATE)),
                    new Sum(1, (BigDecimal) Objects.requireNonNull(values.get(AMOUNT))),
                    Sum::plus);
            if (++count[0] % ROWS_A_REPORT == 0) {
                progress.accept(count[0]);
            }
        });
        requireSame(expected, written);
        return count[0];
    }

    private static void write(TableFile file, List<@Nullable Object> values) {
        try {
            file.add(values);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("the file cannot be written: " + unwritable.getMessage(), unwritable);
        }
    }

    /** The table has the product of now. */
    private static String product(List<@Nullable Object> values, ProductsOfHours products) {
        Instant begin = (Instant) Objects.requireNonNull(values.get(BEGIN));
        return products.at(text(values, INSTANCE), begin, text(values, PRODUCT));
    }

    private static String text(List<@Nullable Object> values, int column) {
        return String.valueOf(values.get(column));
    }

    private static void requireSame(Map<List<String>, Sum> expected, Map<List<String>, Sum> written) {
        expected.forEach((name, sum) -> {
            if (!sum.is(written.getOrDefault(name, Sum.NONE))) {
                throw new IllegalStateException("the rows of " + name + " come to " + written.get(name)
                        + ", and the ledger says " + sum + ": no file is written");
            }
        });
        if (written.size() != expected.size()) {
            throw new IllegalStateException("there are rows that the ledger's sums do not know: no file is written");
        }
    }

    private static List<@Nullable Object> values(ResultSet row) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(COLUMNS.size());
        for (int i = 0; i < COLUMNS.size(); i++) {
            values.add(
                    switch (COLUMNS.get(i).type()) {
                        case TEXT -> row.getString(i + 1);
                        case AMOUNT -> row.getBigDecimal(i + 1);
                        case COUNT -> row.getLong(i + 1);
                        case TIME -> LongReading.moment(row, i + 1);
                    });
        }
        return values;
    }
}
