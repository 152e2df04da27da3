package io.hourledger.pusher.notice;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The connections of webhooks: few, and none of those that pushing and callbacks use, so that a backlog of notices holds up neither. No bean of type
 * {@code DataSource}: all others mean the service's own.
 */
final class WebhookPool implements AutoCloseable {

    private static final int CONNECTIONS = 4;
    /** Nobody waits for an answer here, and a call whose outcome finds no connection is made again. Shorter than a claim outlasts its call. */
    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(15);

    final HikariDataSource connections;

    /**
     * @param database whose address, user, password and other settings these connections have, too
     */
    WebhookPool(DataSource database, MeterRegistry registry) {
        HikariDataSource like;
        try {
            like = database.unwrap(HikariDataSource.class);
        } catch (SQLException another) {
            throw new IllegalStateException("the database's connections are no pool of HikariCP", another);
        }
        HikariConfig config = new HikariConfig();
        like.copyStateTo(config);
        config.setCredentials(like.getCredentials());
        config.setPoolName(like.getPoolName() + "-webhooks");
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
        if (config.getMetricsTrackerFactory() == null && config.getMetricRegistry() == null) {
            config.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(registry));
        }
        this.connections = new HikariDataSource(config);
    }

    NoticeDatabase database() {
        return new NoticeDatabase(
                JdbcClient.create(connections), new TransactionTemplate(new JdbcTransactionManager(connections)));
    }

    @Override
    public void close() {
        connections.close();
    }
}
