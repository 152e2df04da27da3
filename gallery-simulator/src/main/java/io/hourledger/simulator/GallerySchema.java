package io.hourledger.simulator;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The simulator's tables, all of them in the schema {@code gallery}. */
public final class GallerySchema {

    private GallerySchema() {}

    /** Brings the schema up to date; doing it again changes nothing. */
    public static void migrate(DataSource database) {
        Flyway.configure()
                .dataSource(database)
                .schemas("gallery")
                .defaultSchema("gallery")
                .createSchemas(true)
                .locations("classpath:db/gallery")
                .load()
                .migrate();
    }
}
