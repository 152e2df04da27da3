package io.hourledger.pusher.push;

import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.RecordFormat;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The work table and its attempts: what is due, what was tried, what came back. */
final class PushQueue {

    private static final String COLUMNS =
            "metering_sn, instance_id, begin_at, end_at, body, arrival, tries, group_limit";

    private static final String HEAD =
            """
            select group_limit from pusher.work
             where not backing_off and deadline %s :now and metering_sn <> all (:busy)
               and not exists (select 1 from pusher.sent_by_lost_database before
                                where before.metering_sn = work.metering_sn and before.done is distinct from 'goes-again')
             order by deadline, metering_sn
             limit 1""";

    private static final String TAKE = "select " + COLUMNS
            + """
               from pusher.work
             where not backing_off and coalesce(group_limit, 0) = :groupLimit
               and deadline %s :now and metering_sn <> all (:busy)
               and not exists (select 1 from pusher.sent_by_lost_database before
                                where before.metering_sn = work.metering_sn and before.done is distinct from 'goes-again')
             order by deadline, metering_sn
             limit %d""";

    /** In the order in which their back-off is over; whatever is behind waits for the next claim. */
    private static final String NOTICE_WHOSE_TIME_HAS_COME =
            """
            update pusher.work set backing_off = false
             where metering_sn = any (array(select metering_sn from pusher.work
                                             where backing_off and not_before <= statement_timestamp()
                                             order by not_before
                                             limit 2000
                                               for update skip locked))""";

    private static final String LEASE_LEFT =
            """
            select extract(epoch from until - clock_timestamp())::float8 from pusher.lease
             where account = :account and owner = :owner and epoch = :epoch
               for share""";

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

    private static final String TRY_AGAIN =
            """
            update pusher.work
               set arrival = t.arrival,
                   tries = t.tries,
                   group_limit = t.group_limit,
                   backing_off = t.wait_seconds > 0,
                   not_before = case when t.wait_seconds > 0
                                     then clock_timestamp() + make_interval(secs => t.wait_seconds)
                                     else '-infinity' end
              from unnest(:sns::text[], :arrivals::text[], :tries::int[], :limits::int[], :waits::float8[])
                   as t (sn, arrival, tries, group_limit, wait_seconds)
             where work.metering_sn = t.sn""";

    private static final String UNSETTLED =
            """
            select id, epoch, sent_place, answer, status, retry_after, answer_body, metering_sns from pusher.attempt
             where settled_at is null and id <> all (:busy)
             order by id""";

    private static final String HOLD =
            """
            insert into pusher.record_needing_review (metering_sn, instance_id, begin_at, end_at, amount, state, code, detail, since)
            select metering_sn, instance_id, begin_at, end_at, null, 'contradicted', :rule, :detail, :now
              from pusher.work where metering_sn = :sn
            on conflict (metering_sn) do nothing""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final RecordFormat format;

    PushQueue(JdbcClient jdbc, TransactionTemplate transaction, Clock businessTime, RecordFormat format) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.format = format;
    }

    /** The two queues for the road: hours that can still be in time, and hours that are late already. */
    enum Lane {
        IN_TIME(">"),
        LATE("<=");

        private final String deadlineToNow;

        Lane(String deadlineToNow) {
            this.deadlineToNow = deadlineToNow;
        }

        Lane other() {
            return this == IN_TIME ? LATE : IN_TIME;
        }
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
     * The records for the next call: the earliest deadlines of the lane, and of the other lane if there is room. Records that were in a
     * refused call travel only with others of the same limit, so that the halves stay apart from the rest.
     *
     * @param busy ids of records in calls under way
     */
    List<PendingRecord> due(Lane first, int most, Collection<String> busy) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            byIndexOnly();
            jdbc.sql(NOTICE_WHOSE_TIME_HAS_COME).update();
            return dueNow(first, most, busy);
        }));
    }

    private List<PendingRecord> dueNow(Lane first, int most, Collection<String> busy) {
        String[] busySns = busy.toArray(String[]::new);
        OffsetDateTime now = utc(businessTime.instant());
        for (Lane lane : List.of(first, first.other())) {
            List<GroupLimit> head = jdbc.sql(HEAD.formatted(lane.deadlineToNow))
                    .param("now", now)
                    .param("busy", busySns)
                    .query((row, n) -> new GroupLimit((Integer) row.getObject(1)))
                    .list();
            if (head.isEmpty()) {
                continue;
            }
            Integer limit = head.get(0).records();
            List<PendingRecord> due = take(lane, now, busySns, limit, limit == null ? most : Math.min(most, limit));
            if (limit == null && due.size() < most && lane == first) {
                due = new ArrayList<>(due);
                due.addAll(take(lane.other(), now, busySns, null, most - due.size()));
            }
            return due;
        }
        return List.of();
    }

    private record GroupLimit(@Nullable Integer records) {}

    private List<PendingRecord> take(
            Lane lane, OffsetDateTime now, String[] busy, @Nullable Integer groupLimit, int most) {
        return jdbc.sql(TAKE.formatted(lane.deadlineToNow, most))
                .param("now", now)
                .param("busy", busy)
                .param("groupLimit", groupLimit == null ? 0 : groupLimit)
                .query((row, n) -> pending(row))
                .list();
    }

    /**
     * Keeps, before anything is sent, that these records are about to be sent. Empty if the lease is no longer ours or too short, or
     * pushing is held, or it is not sure what was sent before.
     *
     * @param margin how long before the lease's end the last connection may be begun
     */
    Optional<Attempt> storeAttempt(
            SellerLease lease,
            SellerLease.Held held,
            RollbackDetector rollback,
            List<PendingRecord> records,
            Duration margin) {
        byte[] body =
                format.body(records.stream().map(PendingRecord::body).toList());
        byte[] digest = BodyDigest.of(body);
        String[] sns = sns(records);
        return Objects.requireNonNull(transaction.execute(tx -> {
            long asked = System.nanoTime();
            Optional<Double> leftSeconds = jdbc.sql(LEASE_LEFT)
                    .param("account", lease.account())
                    .param("owner", lease.owner())
                    .param("epoch", held.epoch())
                    .query(Double.class)
                    .optional();
            double usableSeconds = leftSeconds.orElse(0.0) - margin.toMillis() / 1000.0;
            if (usableSeconds <= 0 || rollback.isHeld() || !rollback.moveOn()) {
                return Optional.empty();
            }
            long id = jdbc.sql(STORE_ATTEMPT)
                    .param("account", lease.account())
                    .param("epoch", held.epoch())
                    .param("now", utc(businessTime.instant()))
                    .param("sns", sns)
                    .param("digest", digest)
                    .query(Long.class)
                    .single();
            return Optional.of(new Attempt(id, held.epoch(), records, body, asked + (long) (usableSeconds * 1e9)));
        }));
    }

    /**
     * Keeps what came back, and where the call stands outside the database. False if somebody else had given the attempt up before, or the
     * database does not know it any more.
     */
    boolean storeAnswer(long attemptId, HttpResult result, OptionalLong sentPlace) {
        JdbcClient.StatementSpec store = jdbc.sql(STORE_ANSWER)
                .param("id", attemptId)
                .param("place", sentPlace.isPresent() ? sentPlace.getAsLong() : null, java.sql.Types.BIGINT);
        if (result instanceof HttpResult.Answer answer) {
            store.param("answer", "http")
                    .param("status", answer.status(), java.sql.Types.INTEGER)
                    .param("retryAfter", answer.retryAfter(), java.sql.Types.VARCHAR)
                    .param("body", answer.body(), java.sql.Types.BINARY);
        } else {
            store.param("answer", word(result))
                    .param("status", null, java.sql.Types.INTEGER)
                    .param("retryAfter", null, java.sql.Types.VARCHAR)
                    .param("body", null, java.sql.Types.BINARY);
        }
        return store.update() == 1;
    }

    private static String word(HttpResult withoutAnswer) {
        if (withoutAnswer instanceof HttpResult.NotWrittenDown) {
            return "not-written";
        }
        return withoutAnswer instanceof HttpResult.NotSent ? "not-sent" : "silence";
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

    /** Marks an attempt as settled. Belongs into the transaction that also tells the ledger; false if it was settled before. */
    boolean settle(long attemptId) {
        byIndexOnly();
        return jdbc.sql(SETTLE).param("id", attemptId).update() == 1;
    }

    /** Takes records with an outcome off the queue. */
    void remove(Collection<String> meteringSns) {
        if (!meteringSns.isEmpty()) {
            jdbc.sql("delete from pusher.work where metering_sn = any (:sns)")
                    .param("sns", meteringSns.toArray(String[]::new))
                    .update();
        }
    }

    /** Keeps what was learned of records that go again. */
    void tryAgain(List<NextTry> tries) {
        if (tries.isEmpty()) {
            return;
        }
        jdbc.sql(TRY_AGAIN)
                .param("sns", tries.stream().map(NextTry::meteringSn).toArray(String[]::new))
                .param(
                        "arrivals",
                        tries.stream().map(next -> next.arrival().stored()).toArray(String[]::new))
                .param("tries", tries.stream().map(NextTry::tries).toArray(Integer[]::new))
                .param("limits", tries.stream().map(NextTry::groupLimit).toArray(Integer[]::new))
                .param(
                        "waits",
                        tries.stream()
                                .map(next -> next.pause().toMillis() / 1000.0)
                                .toArray(Double[]::new))
                .update();
    }

    record NextTry(
            String meteringSn, DeliveryCertainty arrival, int tries, @Nullable Integer groupLimit, Duration pause) {}

    /** Sets a record aside whose outcome the ledger would not take; it must not be sent again. */
    void hold(String meteringSn, String rule, String detail) {
        jdbc.sql(HOLD)
                .param("sn", meteringSn)
                .param("rule", rule)
                .param("detail", detail)
                .param("now", utc(businessTime.instant()))
                .update();
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
            unsettled.add(new Unsettled(row.id, row.epoch, row.sentPlace, row.result, stillPending(row.sns), row.sns));
        }
        return unsettled;
    }

    private List<PendingRecord> stillPending(List<String> sns) {
        Map<String, PendingRecord> bySn = new HashMap<>();
        jdbc.sql("select " + COLUMNS + " from pusher.work where metering_sn = any (:sns)")
                .param("sns", sns.toArray(String[]::new))
                .query((row, n) -> pending(row))
                .list()
                .forEach(record -> bySn.put(record.meteringSn(), record));
        List<PendingRecord> inOrder = new ArrayList<>();
        for (String sn : sns) {
            PendingRecord record = bySn.get(sn);
            if (record != null) {
                inOrder.add(record);
            }
        }
        return inOrder;
    }

    private static Optional<HttpResult> result(ResultSet row) throws SQLException {
        String answer = row.getString("answer");
        if (answer == null) {
            return Optional.empty();
        }
        return Optional.of(
                switch (answer) {
                    case "http" ->
                        new HttpResult.Answer(
                                row.getInt("status"), row.getString("retry_after"), row.getBytes("answer_body"));
                    case "not-sent" -> new HttpResult.NotSent("stored as not sent");
                    case "not-written" -> new HttpResult.NotWrittenDown("stored as not written down");
                    default -> new HttpResult.Silence("stored as " + answer);
                });
    }

    private static PendingRecord pending(ResultSet row) throws SQLException {
        return new PendingRecord(
                row.getString("metering_sn"),
                row.getString("instance_id"),
                new UsageWindow(instant(row, "begin_at"), instant(row, "end_at")),
                row.getBytes("body"),
                DeliveryCertainty.ofStored(row.getString("arrival")),
                row.getInt("tries"),
                (Integer) row.getObject("group_limit"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    /** For the rest of the transaction: whatever the statistics say, no plan reads more than what it was asked for. */
    private void byIndexOnly() {
        jdbc.sql(IndexScansOnly.SET).query().listOfRows();
    }

    private static String[] sns(List<PendingRecord> records) {
        return records.stream().map(PendingRecord::meteringSn).toArray(String[]::new);
    }

    private static OffsetDateTime utc(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }
}
