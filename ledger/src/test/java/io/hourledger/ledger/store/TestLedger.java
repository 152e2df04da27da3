package io.hourledger.ledger.store;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import io.hourledger.ledger.projection.LedgerProjections;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** A ledger on a database of its own, put together as the configuration does. */
public final class TestLedger implements AutoCloseable {

    public static final EventDigests DIGESTS = new EventDigests("a key for tests, not for money");

    private static final TestDatabase.Tables TABLES =
            new TestDatabase.Tables(LedgerSchema::migrate, "update ledger.installation set id = gen_random_uuid()");

    public final HikariDataSource dataSource = new HikariDataSource();
    public final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    public final JdbcTemplate jdbc;
    public final JdbcTransactionManager transactions;
    public final EventJson json = new EventJson();
    public final EventTable table;
    public final PostgresLedger ledger;
    public final PostgresLedgerFeed feed;
    public final LedgerProjections projections;
    public final StateQueries queries;

    public TestLedger() {
        this(freshDatabase());
    }

    TestLedger(String jdbcUrl, String user, String password) {
        this(migrated(new TestDatabase.Address(jdbcUrl, user, password)));
    }

    /** A new database with the tables of the ledger. */
    public static TestDatabase.Address freshDatabase() {
        return TABLES.fresh();
    }

    private static TestDatabase.Address migrated(TestDatabase.Address address) {
        LedgerSchema.migrate(address.dataSource());
        return address;
    }

    private TestLedger(TestDatabase.Address address) {
        dataSource.setJdbcUrl(address.jdbcUrl());
        dataSource.setUsername(address.user());
        dataSource.setPassword(address.password());
        dataSource.setMaximumPoolSize(8);
        jdbc = new JdbcTemplate(dataSource);
        transactions = new JdbcTransactionManager(dataSource);
        table = new EventTable(jdbc, json, DIGESTS);
        ledger = new PostgresLedger(
                table, new InstanceDecider(SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER)), transactions, metrics);
        feed = new PostgresLedgerFeed(jdbc, transactions, json, metrics);
        projections = new LedgerProjections(jdbc, feed);
        queries = new StateQueries(jdbc);
    }

    @Override
    public void close() {
        projections.close();
        feed.close();
        dataSource.close();
    }
}
