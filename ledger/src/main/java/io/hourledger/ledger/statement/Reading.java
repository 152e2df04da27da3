package io.hourledger.ledger.statement;

import io.hourledger.ledger.store.IndexScansOnly;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Long answers, row by row, each in one read-only transaction, so that all rows are of one moment. */
final class Reading {

    private static final int ROWS_A_FETCH = 1000;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;

    Reading(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
        this.transaction.setReadOnly(true);
        this.transaction.setIsolationLevel(TransactionTemplate.ISOLATION_REPEATABLE_READ);
    }

    /** What is streamed inside joins this transaction. */
    <T> T together(Supplier<T> questions) {
        return Objects.requireNonNull(transaction.execute(status -> questions.get()));
    }

    void stream(String sql, List<? extends @Nullable Object> parameters, RowCallbackHandler rows) {
        transaction.executeWithoutResult(status -> jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(sql);
                    statement.setFetchSize(ROWS_A_FETCH);
                    int index = 1;
                    for (Object parameter : parameters) {
                        statement.setObject(index++, parameter instanceof Instant moment ? at(moment) : parameter);
                    }
                    return statement;
                },
                rows));
    }

    /** The same by indexes alone, whatever the statistics say: for a page, which must cost the same for ever. */
    void streamByIndex(String sql, List<? extends @Nullable Object> parameters, RowCallbackHandler rows) {
        transaction.executeWithoutResult(status -> {
            jdbc.execute(IndexScansOnly.SET);
            stream(sql, parameters, rows);
        });
    }

    /** The same without scans of whole tables, whatever the statistics say: what is asked for is a part of each table that an index knows. */
    void streamPart(String sql, List<? extends @Nullable Object> parameters, RowCallbackHandler rows) {
        transaction.executeWithoutResult(status -> {
            jdbc.execute("set local enable_seqscan = off");
            stream(sql, parameters, rows);
        });
    }

    static @Nullable Instant moment(ResultSet row, String column) throws SQLException {
        OffsetDateTime moment = row.getObject(column, OffsetDateTime.class);
        return moment == null ? null : moment.toInstant();
    }

    private static OffsetDateTime at(Instant moment) {
        return OffsetDateTime.ofInstant(moment, ZoneOffset.UTC);
    }
}
