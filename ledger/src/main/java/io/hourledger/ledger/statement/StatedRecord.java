package io.hourledger.ledger.statement;

import io.hourledger.contracts.marketplace.UsageWindow;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A usage record and what became of it.
 *
 * @param carried what it left for the instance's next record
 * @param state the label of the account it is in, such as {@code in-flight}
 * @param reportedAt when the marketplace accepted it; null if it has not
 * @param code what the marketplace said of it, if it refused or rejected it
 * @param detail the same in words
 */
public record StatedRecord(
        String meteringSn,
        UsageWindow window,
        BigDecimal amount,
        BigDecimal carried,
        String state,
        @Nullable Instant reportedAt,
        @Nullable String code,
        @Nullable String detail) {

    static StatedRecord of(ResultSet row) throws SQLException {
        return new StatedRecord(
                row.getString("metering_sn"),
                new UsageWindow(
                        Objects.requireNonNull(Reading.moment(row, "begin_at")),
                        Objects.requireNonNull(Reading.moment(row, "end_at"))),
                row.getBigDecimal("amount"),
                row.getBigDecimal("carried"),
                row.getString("state"),
                Reading.moment(row, "reported_at"),
                row.getString("code"),
                row.getString("detail"));
    }
}
