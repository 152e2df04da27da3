package io.hourledger.files.focus;

import io.hourledger.files.reading.LongReading;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A usage record as FOCUS sees it. */
final class FocusCharge {

    /** What a query selects of {@code ledger.usage_record r} and {@code ledger.instance i}, in this order. */
    static final String COLUMNS =
            """
            i.buyer_id, i.meter, i.product_id, r.instance_id, r.hour, r.begin_at, r.end_at, r.amount, r.carried,
                r.package_instance_id, r.metering_sn, r.state, r.issued_at,
                r.revision > 0 or exists (
                    select from ledger.usage_record e
                    where e.instance_id = r.instance_id and e.begin_at >= r.hour
                      and e.begin_at < r.hour + interval '1 hour' and e.hour = r.hour and e.revision = r.revision
                      and e.state = 'reissued') as later
            """;

    final String buyer;
    final String meter;
    final String productNow;
    final String instance;
    final Instant hour;
    final Instant begin;
    final Instant end;
    final BigDecimal amount;
    final BigDecimal carried;
    final @Nullable String packageInstance;
    final String meteringSn;
    final String state;
    private final Instant issuedAt;
    private final boolean later;

    FocusCharge(ResultSet row) throws SQLException {
        buyer = row.getString(1);
        meter = row.getString(2);
        productNow = row.getString(3);
        instance = row.getString(4);
        hour = Objects.requireNonNull(LongReading.moment(row, 5));
        begin = Objects.requireNonNull(LongReading.moment(row, 6));
        end = Objects.requireNonNull(LongReading.moment(row, 7));
        amount = row.getBigDecimal(8);
        carried = row.getBigDecimal(9);
        packageInstance = row.getString(10);
        meteringSn = row.getString(11);
        state = row.getString(12);
        issuedAt = Objects.requireNonNull(LongReading.moment(row, 13));
        later = row.getBoolean(14);
    }

    private YearMonth month() {
        return YearMonth.from(hour.atZone(ZoneOffset.UTC));
    }

    Instant billingPeriodStart() {
        return start(month());
    }

    Instant billingPeriodEnd() {
        return start(month().plusMonths(1));
    }

    /** The marketplace accepted it. All others may still cost nothing. */
    boolean isBilled() {
        return state.equals("reported");
    }

    /**
     * A late revision or a reissued record, of a month that was over when it was issued. Source: FOCUS, ChargeClass: null for a correction
     * within the current billing period.
     */
    boolean isCorrection() {
        return later && !issuedAt.isBefore(billingPeriodEnd());
    }

    private static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
