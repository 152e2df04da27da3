package io.hourledger.aggregator.postgres;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The aggregator's own schema. */
public final class AggregatorSchema {

    private static final String SCHEMA = "aggregator";

    private AggregatorSchema() {}

    /** Brings the schema to this version. */
    public static void migrate(DataSource database) {
        Flyway.configure()
                .dataSource(database)
                .schemas(SCHEMA)
                .defaultSchema(SCHEMA)
                .locations("classpath:db/aggregator")
                .load()
                .migrate();
    }
}
