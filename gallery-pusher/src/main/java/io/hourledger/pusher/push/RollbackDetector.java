package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.RecordFormat;
import io.hourledger.pusher.marketplace.SentRecord;
import io.hourledger.pusher.push.SentCallJournal.Extent;
import io.hourledger.pusher.push.SentCallJournal.Page;
import io.hourledger.pusher.push.SentCallJournal.SentCall;
import io.hourledger.pusher.push.SentCallJournal.SentPage;
import io.hourledger.pusher.push.SentCallJournal.SettledCall;
import io.hourledger.pusher.push.SentCallJournal.SettledPage;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Notices that the database went back: every call that stands in the book was stored as an attempt before, so a call that the database does
 * not know was sent by a later state of it. Then pushing is held, and what was sent is kept for a person.
 *
 * <p>The database says up to where of the book it knows all calls, and counts the transactions in which something was kept that the book
 * knows, too. Every attempt and every outcome moves that row by compare-and-set, so a database that goes back under a running pusher by
 * only one of them, or another pusher's calls, are seen before the next call.
 */
final class RollbackDetector {

    private static final Logger LOG = LoggerFactory.getLogger(RollbackDetector.class);

    private static final String ITSELF = "gallery-pusher";

    private static final int MOST_PAGES = 1000;
    private static final long MOST_BYTES = 16L << 20;

    private static final String FIRST_PLACE =
            "insert into pusher.journal_position (account, next_place) values (:account, 0) on conflict do nothing";

    private static final String NOTHING_TO_COMPARE =
            """
            insert into pusher.journal_position (account, next_place, compared_at) values (:account, 0, clock_timestamp())
            on conflict (account) do update set compared_at = excluded.compared_at""";

    private static final String PLACE = "select next_place from pusher.journal_position where account = :account";

    private static final String LOCK_PLACE = PLACE + " for update";

    private static final String MOVE =
            """
            update pusher.journal_position set next_place = :next, moves = moves + 1
             where account = :account and next_place = :mine and moves = :moves""";

    private static final String COUNT =
            """
            update pusher.journal_position set moves = moves + 1
             where account = :account and next_place = :mine and moves = :moves""";

    private static final String COUNT_WHATEVER_IT_SAYS =
            "update pusher.journal_position set moves = moves + 1 where account = :account";

    private static final String SET_PLACE =
            """
            update pusher.journal_position
               set next_place = :next, moves = moves + 1,
                   compared_at = case when :all then clock_timestamp() else compared_at end
             where account = :account and next_place = :mine
            returning moves""";

    private static final String HOLD =
            "insert into pusher.push_suspension (who, why) values (:who, :why) on conflict ((true)) where resumed_at is null do nothing";

    private static final String IS_KNOWN =
            """
            select exists (select 1 from pusher.attempt
                            where id = :attempt and account = :account and epoch = :epoch and body_digest = :digest)""";

    private static final String WAS_SENT =
            """
            insert into pusher.sent_by_lost_database (metering_sn, account, instance_id, begin_at, end_at, amount, package_instance_id, body,
                                            sent_place, place_in_call, sent_at)
            select sn, :account, instance, begin_at::timestamptz, end_at::timestamptz, amount::numeric, package, body,
                   :place, n - 1, :at
              from unnest(:sns::text[], :instances::text[], :begins::text[], :ends::text[], :amounts::text[], :packages::text[],
                          :bodies::bytea[]) with ordinality
                   as t (sn, instance, begin_at, end_at, amount, package, body, n)
            on conflict (metering_sn) do update
                set body = excluded.body, amount = excluded.amount, sent_place = excluded.sent_place,
                    place_in_call = excluded.place_in_call, sent_at = excluded.sent_at,
                    outcome = case when sent_by_lost_database.outcome like 'reported%' then sent_by_lost_database.outcome else 'none' end,
                    decision = null, decided_by = null, decided_why = null, decided_at = null, done_at = null, done = null
              where sent_by_lost_database.sent_place < excluded.sent_place""";

    private static final String CAME_OF_IT =
            """
            update pusher.sent_by_lost_database
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

    private final SentCallJournal journal;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final String account;
    private final RecordFormat format;

    /** The book is written and compared by one thread at a time. May be held while Kafka is silent, so never waited for in a transaction. */
    private final ReentrantLock writing = new ReentrantLock();

    /** Held from a move until its transaction has ended, so that moves come one after another; guards all below. */
    private final ReentrantLock moving = new ReentrantLock();

    private boolean sure;
    private long placeInDatabase;
    private long movesInDatabase;
    private long next;

    RollbackDetector(
            SentCallJournal journal,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            String account,
            RecordFormat format) {
        this.journal = journal;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.account = account;
        this.format = format;
    }

    /** What was known of the book may no longer hold: another pusher may have written, or the database may be another. */
    void forget() {
        moving.lock();
        try {
            sure = false;
        } finally {
            moving.unlock();
        }
    }

    private void sure() {
        moving.lock();
        try {
            sure = true;
        } finally {
            moving.unlock();
        }
    }

    private boolean isSure() {
        moving.lock();
        try {
            return sure;
        } finally {
            moving.unlock();
        }
    }

    /**
     * Compares the book with the database, unless that is sure already.
     *
     * @throws RuntimeException if one of them gives no answer; then nothing may be sent
     */
    void makeSure() {
        if (isSure()) {
            return;
        }
        writing.lock();
        try {
            if (!journal.isStored()) {
                jdbc.sql(NOTHING_TO_COMPARE).param("account", account).update();
                sure();
            } else if (!isSure()) {
                compareAll();
            }
        } finally {
            writing.unlock();
        }
    }

    private void compareAll() {
        jdbc.sql(FIRST_PLACE).param("account", account).update();
        Pages unread = new Pages(
                jdbc.sql(PLACE).param("account", account).query(Long.class).single());
        long from = unread.from;
        Extent extent = journal.read(from, unread::add);
        String lost = null;
        if (extent.end() < from) {
            lost = "the topic of sent calls ends at " + extent.end() + ", but this database knows it up to " + from
                    + ": it lost entries or was made anew, so nobody knows what was sent";
        } else if (extent.first() > from) {
            lost = "the topic of sent calls begins at " + extent.first() + ", but this database knows it only up to "
                    + from + ": entries were dropped from it, so nobody knows what was sent";
        }
        unread.compare(extent.end(), true, lost);
    }

    /** Pages that were read and are not compared yet; no more of them than memory is sure to have room for. */
    private final class Pages {
        private final List<Page> pages = new ArrayList<>();
        private long bytes;
        private long from;

        Pages(long from) {
            this.from = from;
        }

        void add(Page page) {
            pages.add(page);
            if (page instanceof SentPage sent) {
                bytes += sent.call().body().length;
            }
            if (bytes > MOST_BYTES || pages.size() >= MOST_PAGES) {
                compare(page.place() + 1, false, null);
            }
        }

        /**
         * In one transaction, so in one database, which must stand where it stood when the reading began.
         *
         * @param lost why there may be calls that nobody can read any more; null if there are none
         */
        void compare(long upTo, boolean all, @Nullable String lost) {
            transaction.executeWithoutResult(tx -> {
                Turn turn = new Turn();
                long stands = jdbc.sql(LOCK_PLACE)
                        .param("account", account)
                        .query(Long.class)
                        .single();
                if (stands != from) {
                    throw new IllegalStateException("the database knew the topic of sent calls up to " + from
                            + " and now up to " + stands + ": it is another, or another pusher is at work");
                }
                if (lost != null) {
                    hold(lost);
                }
                for (Page page : pages) {
                    if (page instanceof SentPage sent) {
                        RollbackDetector.this.compare(sent);
                    } else if (page instanceof SettledPage settled) {
                        RollbackDetector.this.compare(settled);
                    }
                }
                long moves = jdbc.sql(SET_PLACE)
                        .param("account", account)
                        .param("next", upTo)
                        .param("mine", from)
                        .param("all", all)
                        .query(Long.class)
                        .single();
                turn.whenCommitted(() -> {
                    placeInDatabase = upTo;
                    movesInDatabase = moves;
                    next = upTo;
                    sure = all;
                });
            });
            pages.clear();
            bytes = 0;
            from = upTo;
        }
    }

    /** One move, from now to the end of the transaction; if that does not end well, nothing is sure. */
    private final class Turn implements TransactionSynchronization {
        private @Nullable Runnable known;

        Turn() {
            TransactionSynchronizationManager.registerSynchronization(this);
            moving.lock();
        }

        void whenCommitted(Runnable isKnown) {
            this.known = isKnown;
        }

        @Override
        public void afterCompletion(int status) {
            try {
                if (status != STATUS_COMMITTED) {
                    sure = false;
                } else if (known != null) {
                    known.run();
                }
            } finally {
                moving.unlock();
            }
        }
    }

    private void compare(SentPage page) {
        SentCall call = page.call();
        if (!call.account().equals(account) || isKnown(call)) {
            return;
        }
        hold("attempt " + call.attempt() + " of " + call.at()
                + " was sent, and this database does not know it: it went back to an earlier state");
        keep(page.place(), call.at(), format.read(call.body()));
    }

    private boolean isKnown(SentCall call) {
        return jdbc.sql(IS_KNOWN)
                .param("attempt", call.attempt())
                .param("account", call.account())
                .param("epoch", call.epoch())
                .param("digest", BodyDigest.of(call.body()))
                .query(Boolean.class)
                .single();
    }

    private void compare(SettledPage page) {
        SettledCall call = page.call();
        if (!call.account().equals(account) || cameOfIt(call) > 0) {
            return;
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
            SentRecord record = format.readOne((byte[]) Objects.requireNonNull(row.get("body")));
            records.add(record);
            places.put(record.meteringSn(), ((Number) Objects.requireNonNull(row.get("place_in_call"))).intValue());
            at = ((java.sql.Timestamp) Objects.requireNonNull(row.get("business_at"))).toInstant();
        }
        if (records.isEmpty()) {
            return;
        }
        hold("what came of attempt " + call.attempt()
                + " was told to the ledger, and this database does not know it: it went back to an earlier state");
        keep(call.sentPlace(), at, records);
        places.forEach((sn, place) -> jdbc.sql(
                        "update pusher.sent_by_lost_database set place_in_call = :place where metering_sn = :sn")
                .param("place", place)
                .param("sn", sn)
                .update());
        cameOfIt(call);
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
        jdbc.sql(HOLD).param("who", ITSELF).param("why", why).update(); // QueueWatch says so, as of every hold
    }

    /** Whether nothing may be sent. Asked once more in the transaction that stores an attempt. */
    boolean isHeld() {
        return openHold().isPresent();
    }

    /** The hold that is not lifted. */
    OptionalLong openHold() {
        return jdbc.sql("select id from pusher.push_suspension where resumed_at is null")
                .query(Long.class)
                .optional()
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    /**
     * Tells the database, in the transaction that stores an attempt, up to where the book is known.
     *
     * @return false if it does not stand where it was left: then it must be compared anew, and nothing be stored
     */
    boolean moveOn() {
        if (!journal.isStored()) {
            return true;
        }
        Turn turn = new Turn();
        long known = next;
        sure = sure && move(jdbc.sql(MOVE).param("next", known));
        if (sure) {
            turn.whenCommitted(() -> {
                placeInDatabase = known;
                movesInDatabase++;
            });
        }
        return sure;
    }

    /**
     * Counts an outcome, at the end of the transaction that tells the ledger. What came of a call is true of any state of the database that
     * knows the attempt, so nothing is refused here; but if it does not stand where it was left, it is compared before the next call.
     */
    void countOutcome() {
        if (!journal.isStored()) {
            return;
        }
        Turn turn = new Turn();
        sure = sure && move(jdbc.sql(COUNT));
        if (sure) {
            turn.whenCommitted(() -> movesInDatabase++);
        } else {
            jdbc.sql(COUNT_WHATEVER_IT_SAYS).param("account", account).update();
        }
    }

    private boolean move(JdbcClient.StatementSpec how) {
        return how.param("account", account)
                        .param("mine", placeInDatabase)
                        .param("moves", movesInDatabase)
                        .update()
                == 1;
    }

    /**
     * Writes a stored attempt down, before its call.
     *
     * @return its place; empty if it must not be sent, because calls that the database does not know were written before it
     * @throws RuntimeException if it may or may not have been written; it must not be sent then
     */
    OptionalLong written(Attempt attempt) {
        if (!journal.isStored()) {
            return OptionalLong.of(0);
        }
        writing.lock();
        try {
            long place = write(() -> journal.sent(
                    new SentCall(account, attempt.id(), attempt.epoch(), businessTime.instant(), attempt.body())));
            if (isSure()) {
                return OptionalLong.of(place);
            }
            makeSure();
            return isHeld() ? OptionalLong.empty() : OptionalLong.of(place);
        } finally {
            writing.unlock();
        }
    }

    /**
     * Writes down what came of a call. If that fails, a person will have to find it out should the database go back just now.
     *
     * @param outcomes a word for each record of the call, in their order
     */
    void settled(long attempt, long epoch, long sentPlace, List<String> outcomes) {
        if (!journal.isStored()) {
            return;
        }
        writing.lock();
        try {
            write(() -> journal.settled(new SettledCall(account, attempt, epoch, sentPlace, outcomes)));
        } catch (RuntimeException notWritten) {
            LOG.atWarn()
                    .addKeyValue("attempt", attempt)
                    .setCause(notWritten)
                    .log("what came of a call was not written down outside the database");
        } finally {
            writing.unlock();
        }
    }

    /** Unless the page comes right after those that are known, it is not sure any more what stands there. */
    private long write(LongSupplier page) {
        boolean asKnown = false;
        try {
            long place = page.getAsLong();
            asKnown = isNext(place);
            return place;
        } finally {
            if (!asKnown) {
                forget();
            }
        }
    }

    private boolean isNext(long place) {
        moving.lock();
        try {
            if (place == next) {
                next = place + 1;
                return true;
            }
            return false;
        } finally {
            moving.unlock();
        }
    }
}
