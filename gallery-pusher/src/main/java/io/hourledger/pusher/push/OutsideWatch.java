package io.hourledger.pusher.push;

import io.hourledger.pusher.gallery.CanonicalRecord;
import io.hourledger.pusher.gallery.CanonicalRecord.SentRecord;
import io.hourledger.pusher.push.OutsideBook.SentCall;
import io.hourledger.pusher.push.OutsideBook.SentPage;
import io.hourledger.pusher.push.OutsideBook.SettledCall;
import io.hourledger.pusher.push.OutsideBook.SettledPage;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Notices that the database went back: every call that stands in the book was stored as an attempt before, so a call that the database does
 * not know was sent by a later state of it. Then pushing is held, and what was sent is kept for a person.
 *
 * <p>The database says up to where of the book it knows all calls. Every attempt moves that place by compare-and-set, so a database that
 * goes back under a running pusher, or another pusher's calls, are seen before the next call.
 */
final class OutsideWatch {

    private static final Logger LOG = LoggerFactory.getLogger(OutsideWatch.class);

    private static final String ITSELF = "gallery-pusher";

    private static final String FIRST_PLACE =
            "insert into pusher.outside_position (account, next_place) values (:account, 0) on conflict do nothing";

    private static final String PLACE = "select next_place from pusher.outside_position where account = :account";

    private static final String MOVE =
            "update pusher.outside_position set next_place = :next where account = :account and next_place = :mine";

    private static final String SET_PLACE =
            """
            update pusher.outside_position set next_place = :next, compared_at = clock_timestamp() where account = :account""";

    private static final String HOLD =
            "insert into pusher.hold (who, why) values (:who, :why) on conflict ((true)) where lifted_at is null do nothing";

    private static final String IS_KNOWN =
            """
            select exists (select 1 from pusher.attempt
                            where id = :attempt and account = :account and epoch = :epoch and body_digest = :digest)""";

    private static final String WAS_SENT =
            """
            insert into pusher.sent_before (metering_sn, account, instance_id, begin_at, end_at, amount, package_instance_id, body,
                                            sent_place, place_in_call, sent_at)
            select sn, :account, instance, begin_at::timestamptz, end_at::timestamptz, amount::numeric, package, body,
                   :place, n - 1, :at
              from unnest(:sns::text[], :instances::text[], :begins::text[], :ends::text[], :amounts::text[], :packages::text[],
                          :bodies::bytea[]) with ordinality
                   as t (sn, instance, begin_at, end_at, amount, package, body, n)
            on conflict (metering_sn) do update
                set body = excluded.body, amount = excluded.amount, sent_place = excluded.sent_place,
                    place_in_call = excluded.place_in_call, sent_at = excluded.sent_at,
                    outcome = case when sent_before.outcome like 'reported%' then sent_before.outcome else 'none' end,
                    decision = null, decided_by = null, decided_why = null, decided_at = null, done_at = null, done = null
              where sent_before.sent_place < excluded.sent_place""";

    private static final String CAME_OF_IT =
            """
            update pusher.sent_before
               set outcome = case when outcome like 'reported%' then outcome else (:outcomes::text[])[place_in_call + 1] end
             where sent_place = :place""";

    /** Attempts that the database has without their outcome, though it was written down after the ledger had been told. */
    private static final String FORGOTTEN_OUTCOME =
            """
            select t.sn, t.n - 1 as place_in_call, work.body, attempt.business_at
              from pusher.attempt, unnest(attempt.metering_sns) with ordinality as t (sn, n), pusher.work
             where attempt.id = :attempt and attempt.account = :account and attempt.epoch = :epoch
               and attempt.settled_at is null and work.metering_sn = t.sn
             order by t.n""";

    private final OutsideBook book;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final String account;

    private boolean sure;
    private long placeInDatabase;
    private long next;

    OutsideWatch(
            OutsideBook book, JdbcClient jdbc, TransactionTemplate transaction, Clock businessTime, String account) {
        this.book = book;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.account = account;
    }

    /** What was known of the book may no longer hold: another pusher may have written, or the database may be another. */
    synchronized void forget() {
        sure = false;
    }

    /**
     * Compares the book with the database, unless that is sure already.
     *
     * @throws RuntimeException if one of them gives no answer; then nothing may be sent
     */
    synchronized void makeSure() {
        if (sure || !book.isKept()) {
            return;
        }
        jdbc.sql(FIRST_PLACE).param("account", account).update();
        long from = jdbc.sql(PLACE).param("account", account).query(Long.class).single();
        AtomicLong unknown = new AtomicLong();
        long end = book.read(from, page -> {
            if (page instanceof SentPage sent) {
                unknown.addAndGet(compare(sent));
            } else if (page instanceof SettledPage settled) {
                unknown.addAndGet(compare(settled));
            }
        });
        if (end < from) {
            hold("the topic of sent calls ends at " + end + ", but this database knows it up to " + from
                    + ": it lost entries or was made anew, so nobody knows what was sent");
        }
        if (unknown.get() > 0) {
            LOG.atError()
                    .addKeyValue("records", unknown.get())
                    .log("the database went back behind what was sent: pushing is held, see docs/restore.md");
        }
        jdbc.sql(SET_PLACE).param("account", account).param("next", end).update();
        placeInDatabase = end;
        next = end;
        sure = true;
    }

    private long compare(SentPage page) {
        SentCall call = page.call();
        if (!call.account().equals(account) || isKnown(call)) {
            return 0;
        }
        List<SentRecord> records = CanonicalRecord.read(call.body());
        transaction.executeWithoutResult(tx -> {
            hold("attempt " + call.attempt() + " of " + call.at()
                    + " was sent, and this database does not know it: it went back to an earlier state");
            keep(page.place(), call.at(), records);
        });
        return records.size();
    }

    private boolean isKnown(SentCall call) {
        return jdbc.sql(IS_KNOWN)
                .param("attempt", call.attempt())
                .param("account", call.account())
                .param("epoch", call.epoch())
                .param("digest", CanonicalRecord.digest(call.body()))
                .query(Boolean.class)
                .single();
    }

    private long compare(SettledPage page) {
        SettledCall call = page.call();
        if (!call.account().equals(account)) {
            return 0;
        }
        return Objects.requireNonNull(transaction.execute(tx -> {
            if (cameOfIt(call) > 0) {
                return 0;
            }
            List<SentRecord> records = new ArrayList<>();
            Map<String, Integer> places = new HashMap<>();
            Instant at = Instant.EPOCH;
            for (Map<String, Object> row : jdbc.sql(FORGOTTEN_OUTCOME)
                    .param("attempt", call.attempt())
                    .param("account", account)
                    .param("epoch", call.epoch())
                    .query()
                    .listOfRows()) {
                SentRecord record = CanonicalRecord.readOne((byte[]) Objects.requireNonNull(row.get("body")));
                records.add(record);
                places.put(record.meteringSn(), ((Number) Objects.requireNonNull(row.get("place_in_call"))).intValue());
                at = ((java.sql.Timestamp) Objects.requireNonNull(row.get("business_at"))).toInstant();
            }
            if (records.isEmpty()) {
                return 0;
            }
            hold("what came of attempt " + call.attempt()
                    + " was told to the ledger, and this database does not know it: it went back to an earlier state");
            keep(call.sentPlace(), at, records);
            places.forEach((sn, place) -> jdbc.sql(
                            "update pusher.sent_before set place_in_call = :place where metering_sn = :sn")
                    .param("place", place)
                    .param("sn", sn)
                    .update());
            cameOfIt(call);
            return records.size();
        }));
    }

    private int cameOfIt(SettledCall call) {
        return jdbc.sql(CAME_OF_IT)
                .param("outcomes", call.outcomes().toArray(String[]::new))
                .param("place", call.sentPlace())
                .update();
    }

    private void keep(long place, Instant at, List<SentRecord> records) {
        jdbc.sql(WAS_SENT)
                .param("account", account)
                .param("place", place)
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("sns", strings(records, SentRecord::meteringSn))
                .param("instances", strings(records, SentRecord::instanceId))
                .param(
                        "begins",
                        strings(records, record -> record.window().begin().toString()))
                .param("ends", strings(records, record -> record.window().end().toString()))
                .param("amounts", strings(records, record -> record.amount().toPlainString()))
                .param("packages", strings(records, SentRecord::packageInstanceId))
                .param("bodies", records.stream().map(SentRecord::bytes).toArray(byte[][]::new))
                .update();
    }

    private static String[] strings(List<SentRecord> records, Function<SentRecord, @Nullable String> text) {
        return records.stream().map(text).toArray(String[]::new);
    }

    private void hold(String why) {
        int held = jdbc.sql(HOLD).param("who", ITSELF).param("why", why).update();
        if (held == 1) {
            LOG.atError().addKeyValue("why", why).log("pushing is held");
        }
    }

    /** Whether nothing may be sent. Asked once more in the transaction that stores an attempt. */
    boolean isHeld() {
        return jdbc.sql("select exists (select 1 from pusher.hold where lifted_at is null)")
                .query(Boolean.class)
                .single();
    }

    /**
     * Tells the database, in the transaction that stores an attempt, up to where the book is known.
     *
     * @return false if it does not stand where it was left: then it must be compared anew, and nothing be stored
     */
    synchronized boolean moveOn() {
        if (!book.isKept()) {
            return true;
        }
        boolean moved = sure
                && jdbc.sql(MOVE)
                                .param("account", account)
                                .param("next", next)
                                .param("mine", placeInDatabase)
                                .update()
                        == 1;
        if (moved) {
            placeInDatabase = next;
        } else {
            sure = false;
        }
        return moved;
    }

    /**
     * Writes a stored attempt down, before its call.
     *
     * @return its place; empty if it must not be sent, because calls that the database does not know were written before it
     * @throws RuntimeException if it may or may not have been written; it must not be sent then
     */
    synchronized OptionalLong written(Attempt attempt) {
        if (!book.isKept()) {
            return OptionalLong.of(0);
        }
        long place;
        try {
            place = book.sent(
                    new SentCall(account, attempt.id(), attempt.epoch(), businessTime.instant(), attempt.body()));
        } catch (RuntimeException unsure) {
            sure = false;
            throw unsure;
        }
        if (sure && place == next) {
            next = place + 1;
            return OptionalLong.of(place);
        }
        sure = false;
        makeSure();
        return isHeld() ? OptionalLong.empty() : OptionalLong.of(place);
    }

    /** Writes down what came of a call. If that fails, a person will have to find it out should the database go back just now. */
    synchronized void settled(Attempt attempt, long sentPlace, List<PushOutcome> outcomes) {
        if (!book.isKept()) {
            return;
        }
        List<String> words = outcomes.stream().map(PushOutcome::word).toList();
        try {
            long place = book.settled(new SettledCall(account, attempt.id(), attempt.epoch(), sentPlace, words));
            if (sure && place == next) {
                next = place + 1;
            } else {
                sure = false;
            }
        } catch (RuntimeException notWritten) {
            sure = false;
            LOG.atWarn()
                    .addKeyValue("attempt", attempt.id())
                    .setCause(notWritten)
                    .log("what came of a call was not written down outside the database");
        }
    }
}
