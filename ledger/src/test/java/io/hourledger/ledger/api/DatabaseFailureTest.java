package io.hourledger.ledger.api;

import static io.hourledger.ledger.api.DatabaseFailure.DATA_OR_BUG;
import static io.hourledger.ledger.api.DatabaseFailure.LOST_RACE;
import static io.hourledger.ledger.api.DatabaseFailure.OUTAGE;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@Tag("servers")
class DatabaseFailureTest {

    private static final HikariDataSource DATABASE = new HikariDataSource();
    private static JdbcTemplate sql;

    @BeforeAll
    static void open() {
        TestDatabase.Address address = TestDatabase.freshAddress();
        DATABASE.setJdbcUrl(address.jdbcUrl());
        DATABASE.setUsername(address.user());
        DATABASE.setPassword(address.password());
        LedgerSchema.migrate(DATABASE);
        sql = new JdbcTemplate(DATABASE);
    }

    @AfterAll
    static void close() {
        DATABASE.close();
    }

    private static Throwable failureOf(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failed) {
            return failed;
        }
        throw new AssertionError("it did not fail");
    }

    /** As PostgreSQL says it, and the driver and Spring pass it on. */
    private static Throwable said(String state) {
        return failureOf(
                () -> sql.execute("do $$ begin raise exception 'so it is' using errcode = '" + state + "'; end $$"));
    }

    @ParameterizedTest
    @CsvSource({
        "40001, LOST_RACE",
        "40P01, LOST_RACE",
        "08006, OUTAGE",
        "53300, OUTAGE",
        "57P01, OUTAGE",
        "57014, OUTAGE",
        "25006, OUTAGE",
        "25P03, OUTAGE",
        "55P03, OUTAGE",
        "58030, OUTAGE",
        "22008, DATA_OR_BUG",
        "22021, DATA_OR_BUG",
        "23502, DATA_OR_BUG",
        "23505, DATA_OR_BUG",
        "23514, DATA_OR_BUG",
        "42P01, DATA_OR_BUG",
        "P0001, DATA_OR_BUG"
    })
    void the_state_decides(String state, DatabaseFailure expected) {
        assertThat(DatabaseFailure.of(said(state))).isEqualTo(expected);
        assertThat(DatabaseFailure.of(new SQLException("so it is", state))).isEqualTo(expected);
        assertThat(DatabaseFailure.of(new LedgerUnavailableException("away", said(state))))
                .isEqualTo(expected);
    }

    @Test
    void a_key_of_the_stream_is_met_by_a_second_writer_only() {
        String event =
                """
                insert into ledger.event (instance_id, sequence_number, event_type, revision, payload)
                values ('i-1', 0, 'x', 1, '{}')""";
        sql.update(event);

        assertThat(DatabaseFailure.of(failureOf(() -> sql.update(event)))).isEqualTo(LOST_RACE);
    }

    @Test
    void a_session_that_was_ended_is_an_outage() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(DATABASE));

        assertThat(DatabaseFailure.of(failureOf(() -> transaction.executeWithoutResult(
                        status -> sql.queryForObject("select pg_terminate_backend(pg_backend_pid())", Boolean.class)))))
                .isEqualTo(OUTAGE);
    }

    @Test
    void a_pool_that_gives_no_connection_is_an_outage() {
        try (HikariDataSource nobodyThere = new HikariDataSource()) {
            nobodyThere.setJdbcUrl("jdbc:postgresql://localhost:1/nobody");
            nobodyThere.setInitializationFailTimeout(-1);
            nobodyThere.setConnectionTimeout(250);

            assertThat(DatabaseFailure.of(failureOf(() -> new JdbcTemplate(nobodyThere).execute("select 1"))))
                    .isEqualTo(OUTAGE);
        }
    }

    @Test
    void without_a_state_the_exception_itself_says_it() {
        assertThat(DatabaseFailure.of(new OptimisticLockingFailureException("faster")))
                .isEqualTo(LOST_RACE);
        assertThat(DatabaseFailure.of(new SQLException("the pool is closed"))).isEqualTo(OUTAGE);
        assertThat(DatabaseFailure.of(new UncheckedIOException(new ConnectException())))
                .isEqualTo(OUTAGE);
        assertThat(DatabaseFailure.of(new LedgerUnavailableException("away", new IllegalStateException())))
                .isEqualTo(OUTAGE);
        assertThat(DatabaseFailure.of(new OutOfMemoryError())).isEqualTo(OUTAGE);
        assertThat(DatabaseFailure.of(new IllegalStateException("a rule of the code")))
                .isEqualTo(DATA_OR_BUG);
        assertThat(DatabaseFailure.of(failureOf(DatabaseFailureTest::failsForTheData)))
                .isEqualTo(DATA_OR_BUG);
    }

    private static void failsForTheData() throws DataAccessException {
        sql.queryForObject("select to_timestamp(1e18)", Object.class);
    }
}
