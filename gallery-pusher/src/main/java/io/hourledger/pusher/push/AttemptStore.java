package io.hourledger.pusher.push;

import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.RecordFormat;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Keeps every attempt before it is sent, what came back, and whether the ledger was told. An attempt is stored only under a lease that is
 * still ours.
 */
final class AttemptStore {

    private static final String LEASE_LEFT =
            """
            select extract(epoch from until - clock_timestamp())::float8 from pusher.lease
             where account = :account and owner = :owner and epoch = :epoch
               for share""";

    private static final String STILL_QUEUED = "select count(*) from pusher.work where metering_sn = any (:sns)";

    private static final String STORE_ATTEMPT =
            """
            insert into pusher.attempt (account, epoch, business_at, metering_sns, body_digest)
            values (:account, :epoch, :now, :sns, :digest)
            returning id""";

    private static final String STORE_ANSWER =
            """
            update pusher.attempt
               set answer = :answer, status = :status, retry_after = :retryAfter, answer_body = :body,
                   answered_at = clock_timestamp(), sent_place = :place
             where id = :id and answer is null""";

    private static final String SETTLE =
            "update pusher.attempt set settled_at = clock_timestamp() where id = :id and settled_at is null";

    private static final String IS_UNSETTLED =
            "select count(*) from pusher.attempt where id = :id and settled_at is null";

    private static final String UNSETTLED =
            """
            select id, epoch, sent_place, answer, status, retry_after, answer_body, metering_sns from pusher.attempt
             where account = :account and settled_at is null and id <> all (:busy)
             order by id""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final RecordFormat format;
    private final PushQueue queue;
    private final String account;

    /**
     * @param account whose attempts these are; the database refuses one that lists a record of another
     */
    AttemptStore(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            RecordFormat format,
            PushQueue queue,
            String account) {
        this.account = account;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.format = format;
        this.queue = queue;
    }

    /**
     * An attempt whose outcome is not in the ledger yet.
     *
     * @param sentPlace where it stands outside the database, if an answer was stored
     * @param result empty if nothing came back before its pusher stopped
     */
    record Unsettled(
            long id,
            long epoch,
            @Nullable Long sentPlace,
            Optional<HttpResult> result,
            List<PendingRecord> records,
            List<String> meteringSns) {}

    /**
     * Keeps, before anything is sent, that these records are about to be sent. Empty if the lease is no longer ours or too short, or
     * pushing is suspended, or it is not sure what was sent before, or one of them was taken off the queue since it was claimed.
     *
     * @param margin how long before the lease's end the last connection may be begun
     */
    Optional<Attempt> store(
            SellerLease lease,
            SellerLease.Held held,
            RollbackDetector rollback,
            List<PendingRecord> records,
            Duration margin) {
        byte[] body = format.body(records.stream().map(PendingRecord::body).toList());
        byte[] digest = BodyDigest.of(body);
        String[] sns = records.stream().map(PendingRecord::meteringSn).toArray(String[]::new);
        return Objects.requireNonNull(transaction.execute(tx -> {
            long asked = System.nanoTime();
            Optional<Double> leftSeconds = jdbc.sql(LEASE_LEFT)
                    .param("account", lease.account())
                    .param("owner", lease.owner())
                    .param("epoch", held.epoch())
                    .query(Double.class)
                    .optional();
            double usableSeconds = leftSeconds.orElse(0.0) - margin.toMillis() / 1000.0;
            if (usableSeconds <= 0 || rollback.isSuspended() || !areQueued(sns) || !rollback.moveOn()) {
                return Optional.empty();
            }
            long id = jdbc.sql(STORE_ATTEMPT)
                    .param("account", lease.account())
                    .param("epoch", held.epoch())
                    .param("now", businessTime.instant().atOffset(ZoneOffset.UTC))
                    .param("sns", sns)
                    .param("digest", digest)
                    .query(Long.class)
                    .single();
            return Optional.of(new Attempt(id, held.epoch(), records, body, asked + (long) (usableSeconds * 1e9)));
        }));
    }

    private boolean areQueued(String[] sns) {
        byIndexOnly();
        return jdbc.sql(STILL_QUEUED).param("sns", sns).query(Long.class).single() == sns.length;
    }

    /**
     * Keeps what came back, and where the call stands outside the database. False if somebody else had given the attempt up before, or the
     * database does not know it any more.
     */
    boolean storeAnswer(long attemptId, HttpResult result, OptionalLong sentPlace) {
        JdbcClient.StatementSpec store = jdbc.sql(STORE_ANSWER)
                .param("id", attemptId)
                .param("place", sentPlace.isPresent() ? sentPlace.getAsLong() : null, Types.BIGINT);
        int stored =
                switch (result) {
                    case HttpResult.Answer answer -> storeAnswer(store, "http", answer);
                    case HttpResult.KeyRefused(HttpResult.Answer answer) -> storeAnswer(store, "key-refused", answer);
                    case HttpResult.NotMade _ -> storeWithoutAnswer(store, "not-made");
                    case HttpResult.NotSent _ -> storeWithoutAnswer(store, "not-sent");
                    case HttpResult.Silence _ -> storeWithoutAnswer(store, "silence");
                };
        return stored == 1;
    }

    private static int storeAnswer(JdbcClient.StatementSpec store, String as, HttpResult.Answer answer) {
        return store.param("answer", as)
                .param("status", answer.status(), Types.INTEGER)
                .param("retryAfter", answer.retryAfter(), Types.VARCHAR)
                .param("body", answer.body(), Types.BINARY)
                .update();
    }

    private static int storeWithoutAnswer(JdbcClient.StatementSpec store, String why) {
        return store.param("answer", why)
                .param("status", null, Types.INTEGER)
                .param("retryAfter", null, Types.VARCHAR)
                .param("body", null, Types.BINARY)
                .update();
    }

    /** Gives an attempt up that nobody will answer for any more. False if an answer was stored meanwhile. */
    boolean abandon(long attemptId) {
        return jdbc.sql(
                                """
                                update pusher.attempt set answer = 'abandoned', answered_at = clock_timestamp()
                                 where id = :id and answer is null""")
                        .param("id", attemptId)
                        .update()
                == 1;
    }

    /** Whether nobody has settled an attempt yet. Another may be about to: {@link #settle} has the last word. */
    boolean isUnsettled(long attemptId) {
        byIndexOnly();
        return jdbc.sql(IS_UNSETTLED).param("id", attemptId).query(Long.class).single() == 1;
    }

    /** Marks an attempt as settled. Belongs into the transaction that also tells the ledger; false if it was settled before. */
    boolean settle(long attemptId) {
        byIndexOnly();
        return jdbc.sql(SETTLE).param("id", attemptId).update() == 1;
    }

    /** Attempts that are not settled, but for those under way in this process. */
    List<Unsettled> unsettled(Collection<Long> busy) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            byIndexOnly();
            return unsettledNow(busy);
        }));
    }

    private List<Unsettled> unsettledNow(Collection<Long> busy) {
        record Row(long id, long epoch, @Nullable Long sentPlace, Optional<HttpResult> result, List<String> sns) {}
        List<Row> rows = jdbc.sql(UNSETTLED)
                .param("account", account)
                .param("busy", busy.toArray(Long[]::new))
                .query((row, n) -> new Row(
                        row.getLong("id"),
                        row.getLong("epoch"),
                        (Long) row.getObject("sent_place"),
                        result(row),
                        List.of((String[]) row.getArray("metering_sns").getArray())))
                .list();
        List<Unsettled> unsettled = new ArrayList<>();
        for (Row row : rows) {
            unsettled.add(
                    new Unsettled(row.id, row.epoch, row.sentPlace, row.result, queue.stillPending(row.sns), row.sns));
        }
        return unsettled;
    }

    private static Optional<HttpResult> result(ResultSet row) throws SQLException {
        String answer = row.getString("answer");
        if (answer == null) {
            return Optional.empty();
        }
        return Optional.of(
                switch (answer) {
                    case "http" -> answer(row);
                    case "key-refused" -> new HttpResult.KeyRefused(answer(row));
                    case "not-sent" -> new HttpResult.NotSent("stored as not sent");
                    case "not-made" -> new HttpResult.NotMade("stored as not made");
                    default -> new HttpResult.Silence("stored as " + answer);
                });
    }

    private static HttpResult.Answer answer(ResultSet row) throws SQLException {
        return new HttpResult.Answer(row.getInt("status"), row.getString("retry_after"), row.getBytes("answer_body"));
    }

    /** For the rest of the transaction: whatever the statistics say, no plan reads more than what it was asked for. */
    private void byIndexOnly() {
        jdbc.sql(IndexScansOnly.SET).query().listOfRows();
    }
}
