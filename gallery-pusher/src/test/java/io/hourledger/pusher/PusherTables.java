package io.hourledger.pusher;

import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;

/** Databases with the tables of ledger and pusher. */
public final class PusherTables {

    private static final TestDatabase.Tables TABLES = new TestDatabase.Tables(
            database -> {
                LedgerSchema.migrate(database);
                PusherSchema.migrate(database);
            },
            "update ledger.installation set id = gen_random_uuid()");

    private PusherTables() {}

    /** A new one. */
    public static TestDatabase.Address fresh() {
        return TABLES.fresh();
    }
}
