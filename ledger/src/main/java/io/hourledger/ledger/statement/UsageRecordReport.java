package io.hourledger.ledger.statement;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Every usage record with its buyer and meter, sorted by buyer, meter and begin; streamed, so of any length. */
public final class UsageRecordReport {

    private static final int ROWS_A_FETCH = 1000;

    private static final String ROWS =
            """
            select i.buyer_id, i.meter, r.instance_id, r.begin_at, r.end_at, r.amount, r.carried, r.metering_sn, r.state,
                r.reported_at
            from ledger.usage_record r
            join ledger.instance i using (instance_id)
            order by i.buyer_id, i.meter, r.begin_at, r.instance_id, r.end_at
            """;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate reading;

    public UsageRecordReport(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.reading = new TransactionTemplate(transactions);
        this.reading.setReadOnly(true);
    }

    /**
     * A usage record.
     *
     * @param state the label of the account it is in, such as {@code in-flight}
     * @param reportedAt when the marketplace accepted it; null if it has not
     */
    public record Row(
            String buyerId,
            String meter,
            String instanceId,
            Instant begin,
            Instant end,
            BigDecimal amount,
            BigDecimal carried,
            String meteringSn,
            String state,
            @Nullable Instant reportedAt) {}

    public void forEach(Consumer<Row> reader) {
        reading.executeWithoutResult(status -> jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(ROWS);
                    statement.setFetchSize(ROWS_A_FETCH);
                    return statement;
                },
                row -> {
                    reader.accept(row(row));
                }));
    }

    private static Row row(ResultSet row) throws SQLException {
        OffsetDateTime reportedAt = row.getObject("reported_at", OffsetDateTime.class);
        return new Row(
                row.getString("buyer_id"),
                row.getString("meter"),
                row.getString("instance_id"),
                row.getObject("begin_at", OffsetDateTime.class).toInstant(),
                row.getObject("end_at", OffsetDateTime.class).toInstant(),
                row.getBigDecimal("amount"),
                row.getBigDecimal("carried"),
                row.getString("metering_sn"),
                row.getString("state"),
                reportedAt == null ? null : reportedAt.toInstant());
    }
}
