package io.hourledger.pusher.koogallery.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ledger.store.IndexScansOnly;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Keeps every verified call before it is answered, and what it was answered. Calls are forgotten long after they could be believed again.
 */
final class CallbackLog {

    private static final int FORGOTTEN_AT_ONCE = 1_000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;

    CallbackLog(JdbcClient jdbc, TransactionTemplate transaction, Clock businessTime) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
    }

    /** A verified call. */
    static final class Received {

        private final String account;
        private final Generation generation;
        private final String nonce;
        private final byte[] bytes;
        private final byte[] stored;

        /**
         * @param account the seller account that was called
         * @param nonce of V2.0 the nonce, of V1.0 the authToken
         * @param bytes the call as it came: the identical call has the same
         * @param stored what is stored of them
         */
        Received(String account, Generation generation, String nonce, byte[] bytes, byte[] stored) {
            this.account = account;
            this.generation = generation;
            this.nonce = nonce;
            this.bytes = bytes;
            this.stored = stored;
        }

        Generation generation() {
            return generation;
        }
    }

    /** What is stored of a call. */
    sealed interface Stored {

        /**
         * It is to be worked on: it is new, or the identical call has no answer yet.
         *
         * @param id the row's
         */
        record Unanswered(long id) implements Stored {}

        /** The identical call has been answered so. */
        record Answered(long id, ResultCode result, String answer) implements Stored {}

        /** Another call had this nonce. */
        record NonceUsed() implements Stored {}
    }

    /**
     * Keeps a call unless it is there.
     *
     * @param activity one of {@link CallbackMetrics#ACTIVITIES}, or {@link CallbackMetrics#UNKNOWN}
     */
    Stored keep(Received call, String activity, boolean test) {
        byte[] digest = sha256(call.bytes);
        OptionalLong fresh = jdbc
                .sql(
                        """
                        insert into pusher.callback (account, generation, nonce, activity, test, body, digest, business_at)
                        values (:account, :generation, :nonce, :activity, :test, :body, :digest, :now)
                        on conflict (account, nonce, generation) do nothing
                        returning id""")
                .param("account", call.account)
                .param("generation", call.generation.number())
                .param("nonce", call.nonce)
                .param("activity", activity)
                .param("test", test)
                .param("body", call.stored)
                .param("digest", digest)
                .param("now", businessTime.instant().atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .list()
                .stream()
                .mapToLong(Long::longValue)
                .findFirst();
        return fresh.isPresent() ? new Stored.Unanswered(fresh.getAsLong()) : earlier(call, digest);
    }

    private Stored earlier(Received call, byte[] digest) {
        return jdbc.sql(
                        """
                        select id, digest, result_code, answer from pusher.callback
                         where account = :account and nonce = :nonce and generation = :generation""")
                .param("account", call.account)
                .param("nonce", call.nonce)
                .param("generation", call.generation.number())
                .query((row, n) -> {
                    if (!Arrays.equals(row.getBytes("digest"), digest)) {
                        return new Stored.NonceUsed();
                    }
                    byte @Nullable [] answer = row.getBytes("answer");
                    return answer == null
                            ? new Stored.Unanswered(row.getLong("id"))
                            : new Stored.Answered(
                                    row.getLong("id"),
                                    ResultCode.ofStored(row.getString("result_code")),
                                    new String(answer, UTF_8));
                })
                .single();
    }

    /** The answer of a call. One that was final stays. */
    void answered(long id, ResultCode result, byte[] answer) {
        jdbc.sql(
                        """
                        update pusher.callback
                           set result_code = :code, answer = :answer, answered_at = clock_timestamp()
                         where id = :id and (answer is null or result_code = any (:open))""")
                .param("code", result.code())
                .param("answer", answer)
                .param("id", id)
                .param(
                        "open",
                        Arrays.stream(ResultCode.values())
                                .filter(code -> !code.isFinal())
                                .map(ResultCode::code)
                                .toArray(String[]::new))
                .update();
    }

    /** Forgets calls that are older, by the database's clock. */
    void forgetOlderThan(Duration age) {
        int forgotten;
        do {
            forgotten = Objects.requireNonNull(transaction.execute(tx -> forgetSome(age)));
        } while (forgotten == FORGOTTEN_AT_ONCE);
    }

    private int forgetSome(Duration age) {
        jdbc.sql(IndexScansOnly.SET).query().listOfRows();
        return jdbc.sql(
                        """
                        delete from pusher.callback
                         where id in (select id from pusher.callback
                                       where received_at < clock_timestamp() - :seconds * interval '1 second'
                                       order by received_at limit :most)""")
                .param("seconds", age.toSeconds())
                .param("most", FORGOTTEN_AT_ONCE)
                .update();
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
