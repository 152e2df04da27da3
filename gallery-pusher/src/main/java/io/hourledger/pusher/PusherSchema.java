package io.hourledger.pusher;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The tables of the pusher, in their own schema of the ledger's database. */
public final class PusherSchema {

    private static final String SCHEMA = "pusher";

    private PusherSchema() {}

    /** Brings the tables to their newest form; doing it again changes nothing. */
    public static void migrate(DataSource dataSource) {
        Flyway.configure()
                .dataSource(dataSource)
                .schemas(SCHEMA)
                .defaultSchema(SCHEMA)
                .locations("classpath:db/pusher")
                .load()
                .migrate();
    }
}
