package io.hourledger.benchmarks.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.config.LedgerSchema;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** The ledger's own wiring on a pool of connections, as the services have it, without the services. */
public final class LedgerInProcess implements AutoCloseable {

    private static final int CONNECTIONS = 8;

    private final HikariDataSource dataSource;
    private final AnnotationConfigApplicationContext context;

    public LedgerInProcess(String jdbcUrl, String user, String password) {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(jdbcUrl);
        pool.setUsername(user);
        pool.setPassword(password);
        pool.setMaximumPoolSize(CONNECTIONS);
        dataSource = new HikariDataSource(pool);
        LedgerSchema.migrate(dataSource);
        context = new AnnotationConfigApplicationContext();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("bench", Map.of("hourledger.ledger.digest-key", CloseLoad.DIGEST_KEY)));
        context.registerBean(DataSource.class, () -> dataSource);
        context.registerBean(PlatformTransactionManager.class, () -> new DataSourceTransactionManager(dataSource));
        context.register(LedgerConfiguration.class);
        context.refresh();
    }

    public Ledger ledger() {
        return context.getBean(Ledger.class);
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    DataSource dataSource() {
        return dataSource;
    }

    public JdbcTemplate jdbc() {
        return new JdbcTemplate(dataSource);
    }

    @Override
    public void close() {
        context.close();
        dataSource.close();
    }
}
