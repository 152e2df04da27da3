package io.hourledger.pusher.koogallery.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Keeps every verified call before it is answered, and what it was answered. */
final class CallbackLog {

    private final JdbcClient jdbc;
    private final Clock businessTime;

    CallbackLog(JdbcClient jdbc, Clock businessTime) {
        this.jdbc = jdbc;
        this.businessTime = businessTime;
    }

    /**
     * A verified call.
     *
     * @param nonce of V2.0 the nonce, of V1.0 the authToken
     * @param activity one of {@link CallbackMetrics#ACTIVITIES}, or {@link CallbackMetrics#UNKNOWN}
     */
    record Received(Generation generation, String nonce, String activity, boolean test) {}

    /** What is stored of a call. */
    sealed interface Stored {

        /**
         * It is to be worked on: it is new, or the identical call has no answer yet.
         *
         * @param id the row's
         */
        record Unanswered(long id) implements Stored {}

        /** The identical call has been answered so. */
        record Answered(ResultCode result, String answer) implements Stored {}

        /** Another call had this nonce. */
        record NonceUsed() implements Stored {}
    }

    /**
     * Keeps a call unless it is there.
     *
     * @param bytes the call as it came
     */
    Stored keep(Received call, byte[] bytes) {
        OptionalLong fresh = jdbc
                .sql(
                        """
                        insert into pusher.callback (generation, nonce, activity, test, body, business_at)
                        values (:generation, :nonce, :activity, :test, :body, :now)
                        on conflict (nonce, generation) do nothing
                        returning id""")
                .param("generation", call.generation.number())
                .param("nonce", call.nonce)
                .param("activity", call.activity)
                .param("test", call.test)
                .param("body", bytes)
                .param("now", businessTime.instant().atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .list()
                .stream()
                .mapToLong(Long::longValue)
                .findFirst();
        return fresh.isPresent() ? new Stored.Unanswered(fresh.getAsLong()) : earlier(call, bytes);
    }

    private Stored earlier(Received call, byte[] bytes) {
        return jdbc.sql(
                        """
                        select id, body, result_code, answer from pusher.callback
                         where nonce = :nonce and generation = :generation""")
                .param("nonce", call.nonce)
                .param("generation", call.generation.number())
                .query((row, n) -> {
                    if (!Arrays.equals(row.getBytes("body"), bytes)) {
                        return new Stored.NonceUsed();
                    }
                    byte @Nullable [] answer = row.getBytes("answer");
                    return answer == null
                            ? new Stored.Unanswered(row.getLong("id"))
                            : new Stored.Answered(
                                    ResultCode.ofStored(row.getString("result_code")), new String(answer, UTF_8));
                })
                .single();
    }

    void answered(long id, ResultCode result, byte[] answer) {
        jdbc.sql(
                        """
                        update pusher.callback
                           set result_code = :code, answer = :answer, answered_at = clock_timestamp()
                         where id = :id and answer is null""")
                .param("code", result.code())
                .param("answer", answer)
                .param("id", id)
                .update();
    }
}
