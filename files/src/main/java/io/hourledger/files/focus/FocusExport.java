package io.hourledger.files.focus;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.files.focus.FocusColumns.Charged;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * A month's usage records as FOCUS usage charges, from the seller's view. Records that are billed or may be are charges: refused, reissued and
 * written-off ones are not. Without a price list the file has no cost and says so, since FOCUS lets no cost be null.
 */
public final class FocusExport {

    private static final int ROWS_A_REPORT = 10_000;

    private static final String SCOPE =
            """
            from ledger.usage_record r
            join ledger.instance i using (instance_id)
            where r.hour >= ? and r.hour < ? and r.state in ('in-flight', 'unknown', 'reported', 'disputed')
                and (?::text is null or i.account = ?)
            """;

    private static final String SUMS = "select i.meter, count(*), sum(r.amount) " + SCOPE + " group by 1 order by 1";

    /** By instance and begin, so that tiers add up in the order of use. */
    private static final String ROWS =
            "select " + FocusCharge.COLUMNS + SCOPE + " order by r.instance_id, r.begin_at, r.end_at, r.metering_sn";

    private static final List<Column> SUM_COLUMNS = List.of(
            Column.text("SkuMeter"), Column.count("rows"), Column.amount("ConsumedQuantity", BillableAmount.SCALE));

    private final LongReading reading;
    private final FocusVersion version;
    private final FocusNames names;
    private final @Nullable PriceList prices;

    /**
     * @param prices null for a file without costs
     */
    public FocusExport(
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            FocusVersion version,
            FocusNames names,
            @Nullable PriceList prices) {
        this.reading = new LongReading(jdbc, transactions);
        this.version = version;
        this.names = names;
        this.prices = prices;
    }

    /** Begins the file once its sums are known. */
    public interface Begin {
        TableFile file(TableHead head) throws IOException;
    }

    /**
     * @param month of the records' hours, UTC: the billing period
     * @param account the seller account that they are sent by; null for all
     * @param progress gets the number of rows written so far, now and then
     * @return how many rows
     * @throws IllegalStateException if what was written does not come to the ledger's sums
     */
    public long write(YearMonth month, @Nullable String account, Begin begin, LongConsumer progress) {
        List<@Nullable Object> parameters = Arrays.asList(start(month), start(month.plusMonths(1)), account, account);
        FocusColumns columns = new FocusColumns(version);
        return reading.together(() -> {
            List<List<@Nullable Object>> sums = new ArrayList<>();
            reading.stream(SUMS, parameters, row -> sums.add(sum(row)));
            try (TableFile file = begin.file(head(month, columns, sums))) {
                Written written = new Written(file, columns, new ProductsOfHours(reading), progress);
                reading.stream(ROWS, parameters, written::add);
                written.requireSame(sums);
                file.finish();
                return written.rows;
            } catch (IOException unwritable) {
                throw new UncheckedIOException("the file cannot be written: " + unwritable.getMessage(), unwritable);
            }
        });
    }

    private static List<@Nullable Object> sum(ResultSet row) throws SQLException {
        return Arrays.asList(row.getString(1), row.getLong(2), row.getBigDecimal(3));
    }

    private TableHead head(YearMonth month, FocusColumns columns, List<List<@Nullable Object>> sums) {
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put("focus_version", version.number());
        notes.put("billing_period_utc", month.toString());
        notes.put("view", "of the seller: billing account = seller, sub account = buyer");
        notes.put("cost", prices == null ? "usage without cost" : "by the seller's price list");
        notes.put(
                "billed_cost", "of reported records; those in flight, unknown or disputed cost nothing until they are");
        notes.put("list_unit_price", "null where the units of a row have several prices");
        notes.put("effective_cost", "null where a package paid: what the package cost is not known here");
        ReadingNotes.addTo(notes, reading);
        long rows = sums.stream()
                .mapToLong(sum -> (Long) Objects.requireNonNull(sum.get(1)))
                .sum();
        return new TableHead(
                prices == null ? "Usage without cost" : "FOCUS usage", columns.all(), rows, notes, SUM_COLUMNS, sums);
    }

    private static OffsetDateTime start(YearMonth month) {
        Instant start = month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return start.atOffset(ZoneOffset.UTC);
    }

    private final class Written {
        private final TableFile file;
        private final FocusColumns columns;
        private final ProductsOfHours products;
        private final LongConsumer progress;
        private final Map<String, BigDecimal> amounts = new LinkedHashMap<>();
        private long rows;
        private final Map<String, BigDecimal> billedByProduct = new HashMap<>();
        private String instance = "";

        Written(TableFile file, FocusColumns columns, ProductsOfHours products, LongConsumer progress) {
            this.file = file;
            this.columns = columns;
            this.products = products;
            this.progress = progress;
        }

        void add(ResultSet row) throws SQLException {
            FocusCharge charge = new FocusCharge(row);
            String product = products.at(charge.instance, charge.begin, charge.productNow);
            FocusCost cost = cost(charge, product);
            try {
                file.add(columns.values(new Charged(charge, product, cost, names)));
            } catch (IOException unwritable) {
                throw new UncheckedIOException("the file cannot be written: " + unwritable.getMessage(), unwritable);
            }
            amounts.merge(charge.meter, charge.amount, BigDecimal::add);
            if (++rows % ROWS_A_REPORT == 0) {
                progress.accept(rows);
            }
        }

        /** Tiers add up over what was billed of the month of one instance and product. */
        private @Nullable FocusCost cost(FocusCharge charge, String product) {
            if (prices == null) {
                return null;
            }
            if (!charge.instance.equals(instance)) {
                instance = charge.instance;
                billedByProduct.clear();
            }
            BigDecimal before = billedByProduct.getOrDefault(product, BigDecimal.ZERO);
            if (charge.isBilled() && charge.packageInstance == null) {
                billedByProduct.put(product, before.add(charge.amount));
            }
            return FocusCost.of(charge, prices, product, before);
        }

        void requireSame(List<List<@Nullable Object>> sums) {
            for (List<@Nullable Object> sum : sums) {
                BigDecimal written = amounts.getOrDefault(String.valueOf(sum.get(0)), BigDecimal.ZERO);
                if (written.compareTo((BigDecimal) Objects.requireNonNull(sum.get(2))) != 0) {
                    throw new IllegalStateException("the rows of meter " + sum.get(0) + " come to " + written
                            + ", and the ledger says " + sum.get(2) + ": no file is written");
                }
            }
        }
    }
}
