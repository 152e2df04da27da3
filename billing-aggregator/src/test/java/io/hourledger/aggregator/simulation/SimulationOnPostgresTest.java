package io.hourledger.aggregator.simulation;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.embedded.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same worlds over the real stores: fewer of them, since each step is a transaction. */
@Tag("servers")
class SimulationOnPostgresTest {

    private static final int STEPS = 120;

    @Test
    void the_real_stores_keep_what_the_model_says() {
        long first = Long.getLong("simulation.first", 1);
        long seeds = Long.getLong("simulation.postgres.seeds", 12);
        TestDatabase.Address address = TestDatabase.freshAddress();
        try (HikariDataSource database = new HikariDataSource()) {
            database.setJdbcUrl(address.jdbcUrl());
            database.setUsername(address.user());
            database.setPassword(address.password());
            PostgresStores stores = new PostgresStores(database);
            for (long seed = first; seed < first + seeds; seed++) {
                stores.clear();
                simulate(seed, stores);
            }
        }
    }

    private static void simulate(long seed, Stores stores) {
        try {
            World world = new World(seed, stores, WorldSize.SMALL);
            world.run(STEPS);
            world.settle();
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError("seed " + seed + ": " + failed.getMessage(), failed);
        }
    }
}
