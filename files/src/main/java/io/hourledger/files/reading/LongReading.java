package io.hourledger.files.reading;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Rows from a cursor, in one read-only transaction, so that all are of one moment. It takes half an hour at most. */
public final class LongReading {

    private static final int ROWS_A_FETCH = 5000;
    private static final int LONGEST_MILLIS = 1_800_000;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;

    public LongReading(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
        this.transaction.setReadOnly(true);
        this.transaction.setIsolationLevel(TransactionTemplate.ISOLATION_REPEATABLE_READ);
    }

    /** What is streamed inside is of one moment. */
    public <T> T together(Supplier<T> questions) {
        return Objects.requireNonNull(transaction.execute(status -> {
            letReadLong();
            return questions.get();
        }));
    }

    /**
     * Sorting a month takes longer than a page may, in PostgreSQL and on the way to it, and so does writing rows between two fetches. A
     * statement's bound counts anew for each fetch, so the transaction has one, too. All end with the transaction.
     */
    private void letReadLong() {
        jdbc.execute(
                "set local transaction_timeout = 0"); // the session's own runs already, and a longer one alone does not
        // end it
        for (String bound :
                List.of("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")) {
            jdbc.execute("set local " + bound + " = " + LONGEST_MILLIS);
        }
        jdbc.execute((ConnectionCallback<Boolean>) connection -> {
            connection.setNetworkTimeout(Runnable::run, LONGEST_MILLIS);
            return true;
        });
    }

    public void stream(String sql, List<? extends @Nullable Object> parameters, RowCallbackHandler rows) {
        jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(sql);
                    statement.setFetchSize(ROWS_A_FETCH);
                    for (int i = 0; i < parameters.size(); i++) {
                        statement.setObject(i + 1, parameters.get(i));
                    }
                    return statement;
                },
                rows);
    }

    public static @Nullable Instant moment(ResultSet row, int column) throws SQLException {
        OffsetDateTime moment = row.getObject(column, OffsetDateTime.class);
        return moment == null ? null : moment.toInstant();
    }
}
