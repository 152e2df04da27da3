package io.hourledger.ledger.projection;

import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.projection.ProjectionSql.Change;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Keeps the projections a moment behind the events, in the process that starts it. Events never leave the database on the way. */
public final class LedgerProjections implements AutoCloseable {

    /** The name under which the projections read the feed. */
    public static final String READER = "projections";

    static final String SCHEMA = "ledger";

    private final JdbcTemplate jdbc;
    private final PostgresLedgerFeed feed;
    private final List<Change> changes = ProjectionSql.ofStretch(SCHEMA, PostgresLedgerFeed.LARGEST_RANGE);
    private @Nullable Subscription subscription;

    public LedgerProjections(JdbcTemplate jdbc, PostgresLedgerFeed feed) {
        this.jdbc = jdbc;
        this.feed = feed;
    }

    /** Starts to follow the events; once a process, and among several processes one at a time works. */
    public synchronized void start() {
        if (subscription == null) {
            subscription = feed.subscribeToRanges(READER, range -> apply(jdbc, changes, range));
        }
    }

    /** Whether every event that can be read is in the projections, but for those of instances that wait. */
    public synchronized boolean caughtUp() {
        return subscription != null && subscription.caughtUp();
    }

    /** Applies to the tables of the changes what a stretch says of its instances. */
    static void apply(JdbcTemplate jdbc, List<Change> changes, Range range) {
        for (Change change : changes) {
            if (change.isIn(range.types())) {
                jdbc.update(
                        change.sql(),
                        range.first().transactionId(),
                        range.first().position(),
                        range.last().transactionId(),
                        range.last().position(),
                        range.instances().ids(),
                        range.instances().isIncluding());
            }
        }
    }

    @Override
    public synchronized void close() {
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
    }
}
