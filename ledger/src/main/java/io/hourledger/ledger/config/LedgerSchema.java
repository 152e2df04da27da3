package io.hourledger.ledger.config;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The tables of the ledger, in the schema {@code ledger} of the database. */
public final class LedgerSchema {

    private LedgerSchema() {}

    /** Brings the schema to what this version needs. Several processes may do so at once. */
    public static void migrate(DataSource dataSource) {
        Flyway.configure()
                .dataSource(dataSource)
                .schemas("ledger")
                .defaultSchema("ledger")
                .locations("classpath:db/ledger")
                .load()
                .migrate();
    }
}
