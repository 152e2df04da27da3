package io.hourledger.ledger.statement;

import java.util.function.Consumer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Every usage record with its buyer and meter, sorted by buyer, meter and begin; streamed, so of any length. */
public final class UsageRecordReport {

    private static final int ROWS_A_FETCH = 1000;

    private static final String ROWS =
            """
            select i.buyer_id, i.meter, r.instance_id, r.begin_at, r.end_at, r.amount, r.carried, r.metering_sn, r.state,
                r.reported_at, r.code, r.detail
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

    /** A usage record and whose it is. */
    public record Row(BilledInstance instance, StatedRecord record) {}

    public void forEach(Consumer<Row> reader) {
        reading.executeWithoutResult(status -> jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(ROWS);
                    statement.setFetchSize(ROWS_A_FETCH);
                    return statement;
                },
                row -> {
                    reader.accept(new Row(BilledInstance.of(row), StatedRecord.of(row)));
                }));
    }
}
