package io.hourledger.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.health.contributor.Status;
import org.springframework.jdbc.datasource.AbstractDataSource;

@Tag("servers")
@Timeout(60)
class DatabaseHealthTest {

    private final CountDownLatch answers = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    private DataSource slow(DataSource behind) {
        return new AbstractDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                asked.incrementAndGet();
                try {
                    answers.await();
                } catch (InterruptedException stopped) {
                    throw new IllegalStateException(stopped);
                }
                return behind.getConnection();
            }

            @Override
            public Connection getConnection(String user, String password) throws SQLException {
                return getConnection();
            }
        };
    }

    @Test
    void a_database_that_does_not_answer_is_down_at_once_and_asked_once() {
        DatabaseHealth health = new DatabaseHealth(slow(TestDatabase.freshDatabase()));
        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(asked).hasValue(1);

        answers.countDown();
        await().until(() -> health.health().getStatus().equals(Status.UP));
    }

    @Test
    void a_database_that_answers_is_up() {
        assertThat(new DatabaseHealth(TestDatabase.freshDatabase()).health().getStatus())
                .isEqualTo(Status.UP);
    }
}
