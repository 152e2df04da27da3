package io.hourledger.cli;

import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.pusher.PusherSchema;

/** Databases with the tables of all services, as {@code ./metering up} makes them. */
public final class AllTables {

    private static final TestDatabase.Tables TABLES = new TestDatabase.Tables(
            database -> {
                LedgerSchema.migrate(database);
                AggregatorSchema.migrate(database);
                PusherSchema.migrate(database);
            },
            "update ledger.installation set id = gen_random_uuid()");

    private AllTables() {}

    /** A new one. */
    public static TestDatabase.Address fresh() {
        return TABLES.fresh();
    }
}
