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
        this(TestDatabase.freshAddress());
    }

    private TestLedger(TestDatabase.Address address) {
        this(address.jdbcUrl(), address.user(), address.password());
    }

    TestLedger(String jdbcUrl, String user, String password) {
        dataSource.setJdbcUrl(jdbcUrl);
        dataSource.setUsername(user);
        dataSource.setPassword(password);
        dataSource.setMaximumPoolSize(8);
        LedgerSchema.migrate(dataSource);
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
