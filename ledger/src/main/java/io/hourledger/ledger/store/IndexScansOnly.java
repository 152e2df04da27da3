package io.hourledger.ledger.store;

import java.util.Objects;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Leaves the planner nothing but index scans, one row after the other, until the transaction ends. A loop touches rows that it knows by key, or the next
 * few of an index. So no plan is right that reads more, and no statistics, however old, may lead to one.
 *
 * <p>The shape of a query alone cannot do that. A scan of a table that was empty when its statistics were taken costs nothing, and the plan is kept
 * while the table fills. And to sort all that is unread of a small table seems cheaper than to walk an index.
 */
public final class IndexScansOnly {

    /** To be run first in a transaction. A plan that finds no index seems dear, so compilation is off too. */
    public static final String SET =
            """
            select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
                   set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
                   set_config('jit', 'off', true)
            """;

    private IndexScansOnly() {}

    /** Runs queries on a database, in one transaction; in that of the caller if there is one, which then goes on so. */
    public static <T> T in(DataSource database, Supplier<T> queries) {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(database));
        return Objects.requireNonNull(transaction.execute(status -> {
            new JdbcTemplate(database).execute(SET);
            return queries.get();
        }));
    }
}
