package io.hourledger.embedded;

import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Connections that nobody pools. */
final class PlainDataSource {

    private PlainDataSource() {}

    static DataSource of(String jdbcUrl, String user, String password) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl);
        source.setUser(user);
        source.setPassword(password);
        return source;
    }
}
