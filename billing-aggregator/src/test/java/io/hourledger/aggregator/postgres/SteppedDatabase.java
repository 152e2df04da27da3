package io.hourledger.aggregator.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Lets a test act before and after each transaction of whoever uses it. */
class SteppedDatabase extends DelegatingDataSource {

    private int step;

    SteppedDatabase(DataSource database) {
        super(database);
    }

    /** Numbers begin with one. */
    void beforeTransaction(int step) {}

    void beforeCommit(int step) throws SQLException {}

    void afterCommit(int step) throws SQLException {}

    int steps() {
        return step;
    }

    @Override
    public Connection getConnection() throws SQLException {
        step++;
        beforeTransaction(step);
        Connection connection = super.getConnection();
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("commit")) {
                        return call(connection, method, arguments);
                    }
                    beforeCommit(step);
                    Object result = call(connection, method, arguments);
                    afterCommit(step);
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
}
