package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.FrozenClient;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/**
 * Where the live projections are. They stay there until this is closed, since it holds their reader's row in a transaction of its own; or until PostgreSQL
 * ends that transaction. So whoever relies on it asks again where they are, in the transaction that relies on it.
 */
final class LivePlace implements AutoCloseable {

    private static final String PLACE = "select transaction_id::text, position from ledger.reader where name = ?";

    /** It is idle while the last events are read on other connections. */
    private static final String READS_BESIDE = "set local idle_in_transaction_session_timeout = '30s'";

    private static final Logger LOG = LoggerFactory.getLogger(LivePlace.class);

    private static final RowMapper<Place> PLACE_OF_ROW = (row, number) -> new Place(row.getString(1), row.getLong(2));

    private final Connection holding;
    private final Place place;

    private LivePlace(Connection holding, Place place) {
        this.holding = holding;
        this.place = place;
    }

    /** Where they are now; they go on. */
    static Place of(JdbcTemplate jdbc) {
        jdbc.update("insert into ledger.reader (name) values (?) on conflict do nothing", LedgerProjections.READER);
        return seenBy(jdbc);
    }

    /** Where they stay until the caller's transaction ends: it holds the row itself. Their row must be there. */
    static Place heldByCaller(JdbcTemplate jdbc) {
        return Objects.requireNonNull(
                jdbc.queryForObject(PLACE + " for update", PLACE_OF_ROW, LedgerProjections.READER));
    }

    /** Where they are in the moment that the caller's transaction sees. Their row must be there. */
    static Place seenBy(JdbcTemplate jdbc) {
        return Objects.requireNonNull(jdbc.queryForObject(PLACE, PLACE_OF_ROW, LedgerProjections.READER));
    }

    /** Their row must be there. */
    static LivePlace hold(DataSource database) {
        try {
            Connection holding = database.getConnection();
            try (Statement bounds = holding.createStatement();
                    PreparedStatement statement = holding.prepareStatement(PLACE + " for update")) {
                holding.setAutoCommit(false);
                bounds.execute(FrozenClient.ENDS_SOON);
                bounds.execute(READS_BESIDE);
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
        } catch (SQLException alreadyGone) {
            LOG.debug("the session that held the projections has ended before", alreadyGone);
        }
    }

    private static DataAccessResourceFailureException unanswered(SQLException cause) {
        return new DataAccessResourceFailureException("the database does not answer", cause);
    }
}
