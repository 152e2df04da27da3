package io.hourledger.ledger.config;

import io.hourledger.ledger.store.LogicalCopy;
import java.util.Set;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.JdbcTemplate;

/** The tables of the ledger, in the schema {@code ledger} of the database. */
public final class LedgerSchema {

    private LedgerSchema() {}

    /**
     * Brings the schema to what this version needs. Several processes may do so at once.
     *
     * @throws IllegalStateException if the ledger was moved here by a logical copy, and the step that belongs to it is missing
     */
    public static void migrate(DataSource dataSource) {
        Flyway.configure()
                .dataSource(dataSource)
                .schemas("ledger")
                .defaultSchema("ledger")
                .locations("classpath:db/ledger")
                .load()
                .migrate();
        LogicalCopy.found(new JdbcTemplate(dataSource)).ifPresent(moved -> {
            throw new IllegalStateException(moved);
        });
    }

    /** The seller accounts of the database; empty before the first start of the service that reports. */
    public static Set<String> sellerAccounts(DataSource dataSource) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        return Set.copyOf(jdbc.queryForList("select account from ledger.seller_account", String.class));
    }
}
