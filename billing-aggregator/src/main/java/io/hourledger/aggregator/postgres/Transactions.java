package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.StoreRefusedException;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.ledger.api.DatabaseFailure;
import io.hourledger.ledger.store.IndexScansOnly;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * Runs work in one transaction each. A failure of PostgreSQL is said as {@link StoreRefusedException} if the data or a bug is at fault, and
 * then nothing was done. An outage or a lost race is said as {@link StoreUnavailableException}: the work is undone or unsure.
 */
final class Transactions {

    private final DataSource database;

    Transactions(DataSource database) {
        this.database = database;
    }

    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    <T> T run(String what, Work<T> work) {
        return run(what, Connection.TRANSACTION_READ_COMMITTED, work);
    }

    /** All reads of the work see the same moment. It may pause between them: it locks nothing that others wait for. */
    <T> T readOneMoment(String what, Work<T> work) {
        return run(what, Connection.TRANSACTION_REPEATABLE_READ, connection -> {
            try (Statement patience = connection.createStatement()) {
                patience.execute("set local idle_in_transaction_session_timeout = '60s'");
                patience.execute("set local statement_timeout = 0"); // a copy of all ids may take longer
                patience.execute("set local transaction_timeout = 0"); // a reader draws no transaction id
            }
            return work.in(connection);
        });
    }

    private <T> T run(String what, int isolation, Work<T> work) {
        try (Connection connection = database.getConnection()) {
            int usualIsolation = connection.getTransactionIsolation();
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(isolation);
            try {
                findRowsByIndex(connection);
                T result = work.in(connection);
                connection.commit();
                return result;
            } catch (Throwable failed) { // an Error, too, must leave nothing half done
                rollBack(connection, failed);
                throw failed;
            } finally {
                restore(connection, usualIsolation);
            }
        } catch (SQLException e) {
            throw switch (DatabaseFailure.of(e)) {
                case DATA_OR_BUG ->
                    new StoreRefusedException("PostgreSQL refused to " + what + ": " + e.getMessage(), e);
                case OUTAGE, LOST_RACE ->
                    new StoreUnavailableException("PostgreSQL did not " + what + ": " + e.getMessage(), e);
            };
        }
    }

    /** Checkpoints and closing know by key what they touch. Whatever statistics say of a table, they never scan it. */
    private static void findRowsByIndex(Connection connection) throws SQLException {
        try (Statement set = connection.createStatement()) {
            set.execute(IndexScansOnly.SET);
        }
    }

    private static void rollBack(Connection connection, Throwable failed) {
        try {
            connection.rollback();
        } catch (SQLException alsoFailed) {
            failed.addSuppressed(alsoFailed);
        }
    }

    private static void restore(Connection connection, int isolation) {
        try {
            connection.setTransactionIsolation(isolation);
            connection.setAutoCommit(true);
        } catch (SQLException connectionIsBroken) {
            // the pool finds out by itself; the outcome of the work is decided already
        }
    }
}
