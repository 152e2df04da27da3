package io.hourledger.aggregator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.usage.UsageHour;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** Sealing is many transactions. A process may end before and after each of them, and whoever comes next begins anew. */
@Tag("servers")
class SealingCrashTest {

    private static final UsageHour TEN = new UsageHour(Instant.parse("2026-03-01T10:00:00Z"));
    private static final int MANY = 100;

    private final IdsOfPartition partition = new IdsOfPartition();

    @AfterEach
    void close() {
        partition.close();
    }

    @Test
    void a_crash_at_any_step_of_sealing_loses_no_id_and_repeats_none() {
        countAndClose(TEN);
        assertThat(stepsUntilSealed(TEN)).isBetween(6, MANY - 1);
        partition.assertThatEachIdIsSealedOnce();
    }

    @Test
    void a_crash_at_any_step_of_adding_late_ids_loses_none_and_repeats_none() {
        countAndClose(TEN);
        partition.closing.sealNext(0, TEN.end());
        partition.count(TEN, 11_000); // late, and more than are added at once
        countAndClose(TEN.next());
        assertThat(stepsUntilSealed(TEN.next())).isBetween(10, MANY - 1);
        partition.assertThatEachIdIsSealedOnce();
    }

    private void countAndClose(UsageHour hour) {
        partition.count(hour, 6_000); // more than are read at once
        partition.count(hour, 200);
        partition.count(hour, 300);
        partition.close(hour);
    }

    /** Ends a process that seals before and after its first transaction, then its second, and so on. */
    private int stepsUntilSealed(UsageHour hour) {
        for (int step = 1; step < MANY; step++) {
            for (Crash when : Crash.values()) {
                sealAndCrash(hour, step, when);
                partition.assertThatEachIdIsFound();
            }
            if (partition.closing.sealedThrough(0).orElse(0) == hour.number()) {
                return step;
            }
        }
        return MANY;
    }

    private void sealAndCrash(UsageHour hour, int step, Crash when) {
        DataSource crashing = new CrashingDatabase(partition.database, step, when);
        try {
            new PostgresClosingStore(crashing).sealNext(0, hour.end());
        } catch (StoreUnavailableException crashed) {
            // its successor comes
        }
    }

    private enum Crash {
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    /** Fails at the commit of one transaction, and of all after it. */
    private static final class CrashingDatabase extends AbstractDataSource {
        private final DataSource database;
        private final Crash when;
        private int commitsLeft;

        CrashingDatabase(DataSource database, int step, Crash when) {
            this.database = database;
            this.commitsLeft = step;
            this.when = when;
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = database.getConnection();
            return (Connection) Proxy.newProxyInstance(
                    Connection.class.getClassLoader(),
                    new Class<?>[] {Connection.class},
                    (proxy, method, arguments) -> {
                        boolean crashes = method.getName().equals("commit") && --commitsLeft <= 0;
                        if (crashes && when == Crash.BEFORE_COMMIT) {
                            throw crash();
                        }
                        Object result = call(connection, method, arguments);
                        if (crashes) {
                            throw crash();
                        }
                        return result;
                    });
        }

        private static Object call(Connection connection, Method method, Object[] arguments) throws Throwable {
            try {
                return method.invoke(connection, arguments);
            } catch (InvocationTargetException failed) {
                throw failed.getCause();
            }
        }

        private static SQLException crash() {
            return new SQLException("the process has ended", "08006");
        }

        @Override
        public Connection getConnection(String user, String password) {
            throw new UnsupportedOperationException("has its user");
        }
    }
}
