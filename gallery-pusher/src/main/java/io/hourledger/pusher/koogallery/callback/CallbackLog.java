package io.hourledger.pusher.koogallery.callback;

import java.time.Clock;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps every verified call before it is answered, and what it was answered. */
final class CallbackLog {

    private final JdbcClient jdbc;
    private final Clock businessTime;

    CallbackLog(JdbcClient jdbc, Clock businessTime) {
        this.jdbc = jdbc;
        this.businessTime = businessTime;
    }

    /** The row's id; empty if the nonce was seen before. */
    OptionalLong keep(String nonce, String activity, boolean test, byte[] body) {
        return jdbc
                .sql(
                        """
                        insert into pusher.callback (nonce, activity, test, body, business_at)
                        values (:nonce, :activity, :test, :body, :now)
                        on conflict (nonce) do nothing
                        returning id""")
                .param("nonce", nonce)
                .param("activity", activity)
                .param("test", test)
                .param("body", body)
                .param("now", businessTime.instant().atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .list()
                .stream()
                .mapToLong(Long::longValue)
                .findFirst();
    }

    void answered(long id, ResultCode result, byte[] answer) {
        jdbc.sql(
                        """
                        update pusher.callback
                           set result_code = :code, answer = :answer, answered_at = clock_timestamp()
                         where id = :id""")
                .param("code", result.code())
                .param("answer", answer)
                .param("id", id)
                .update();
    }
}
