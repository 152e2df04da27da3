package io.hourledger.pusher.koogallery.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.pusher.PusherSchema;
import io.hourledger.pusher.koogallery.callback.CallbackLog.Received;
import io.hourledger.pusher.koogallery.callback.CallbackLog.Stored;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What is known of calls, and for how long. */
@Tag("servers")
class CallbackLogTest {

    private static final byte[] CALL = "{}".getBytes(UTF_8);

    private JdbcClient jdbc;
    private CallbackLog log;

    @BeforeEach
    void database() {
        DataSource database = TestDatabase.freshDatabase();
        LedgerSchema.migrate(database);
        PusherSchema.migrate(database);
        jdbc = JdbcClient.create(database);
        log = new CallbackLog(jdbc, new TransactionTemplate(new JdbcTransactionManager(database)), Clock.systemUTC());
    }

    private Stored keep(String nonce) {
        return log.keep(new Received("default", Generation.SECOND, nonce, CALL, CALL), "newInstance", false);
    }

    private void answer(Stored call, ResultCode code) {
        log.answered(((Stored.Unanswered) call).id(), code, code.code().getBytes(UTF_8));
    }

    @Test
    void calls_are_forgotten_once_they_are_older_than_the_retention_however_many_there_are() {
        jdbc.sql(
                        """
                        insert into pusher.callback (account, generation, nonce, activity, test, body, digest, business_at, received_at)
                        select 'default', 2, 'old-' || n, 'newInstance', false, '', '', now(), now() - interval '91 days'
                          from generate_series(1, 1001) n""")
                .update();
        keep("young");
        log.forgetOlderThan(Duration.ofDays(90));
        assertThat(jdbc.sql("select nonce from pusher.callback")
                        .query(String.class)
                        .list())
                .containsExactly("young");
    }

    @Test
    void an_answer_that_was_final_stays_and_one_that_was_not_is_replaced() {
        Stored call = keep("n");
        answer(call, ResultCode.IN_PROGRESS);
        answer(call, ResultCode.SUCCESS);
        answer(call, ResultCode.INTERNAL_ERROR);
        assertThat(keep("n"))
                .isEqualTo(new Stored.Answered(((Stored.Unanswered) call).id(), ResultCode.SUCCESS, "000000"));
    }
}
