package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcTemplate;

/** Where the live projections are, and stay until this is closed: it holds their reader's row, in a transaction of its own. */
final class LivePlace implements AutoCloseable {

    private static final String PLACE = "select transaction_id::text, position from ledger.reader where name = ?";

    private final Connection holding;
    private final Place place;

    private LivePlace(Connection holding, Place place) {
        this.holding = holding;
        this.place = place;
    }

    /** Where they are now; they go on. */
    static Place of(JdbcTemplate jdbc) {
        jdbc.update("insert into ledger.reader (name) values (?) on conflict do nothing", LedgerProjections.READER);
        return Objects.requireNonNull(jdbc.queryForObject(
                PLACE, (row, number) -> new Place(row.getString(1), row.getLong(2)), LedgerProjections.READER));
    }

    /** Their row must be there. */
    static LivePlace hold(DataSource database) {
        try {
            Connection holding = database.getConnection();
            try (PreparedStatement statement = holding.prepareStatement(PLACE + " for update")) {
                holding.setAutoCommit(false);
                statement.setString(1, LedgerProjections.READER);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return new LivePlace(holding, new Place(row.getString(1), row.getLong(2)));
                }
            } catch (SQLException unanswered) {
                holding.close();
                throw unanswered;
            }
        } catch (SQLException unanswered) {
            throw unanswered(unanswered);
        }
    }

    Place place() {
        return place;
    }

    @Override
    public void close() {
        release();
    }

    /** The projections go on. */
    void release() {
        try (holding) {
            if (!holding.isClosed()) {
                holding.rollback();
                holding.setAutoCommit(true);
            }
        } catch (SQLException unanswered) {
            throw unanswered(unanswered);
        }
    }

    private static DataAccessResourceFailureException unanswered(SQLException cause) {
        return new DataAccessResourceFailureException("the database does not answer", cause);
    }
}
