package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.RecordFormat;
import io.hourledger.pusher.push.JournalPosition.Compared;
import io.hourledger.pusher.push.SentCallJournal.Extent;
import io.hourledger.pusher.push.SentCallJournal.Page;
import io.hourledger.pusher.push.SentCallJournal.SentCall;
import io.hourledger.pusher.push.SentCallJournal.SentPage;
import io.hourledger.pusher.push.SentCallJournal.SettledCall;
import io.hourledger.pusher.push.SentCallJournal.SettledPage;
import io.hourledger.pusher.push.SentCallJournal.SuspensionDecision;
import io.hourledger.pusher.push.SentCallJournal.SuspensionPage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Notices that the database went back: every call that stands in the journal was stored as an attempt before, so a call that the database does
 * not know was sent by a later state of it. Then pushing is suspended, and what was sent is kept for a person.
 *
 * <p>The database says up to where of the journal it knows all calls, and counts the transactions in which something was kept that the journal
 * knows, too. Every attempt and every outcome moves that row by compare-and-set, so a database that goes back under a running pusher by
 * only one of them, or another pusher's calls, are seen before the next call.
 */
final class RollbackDetector {

    private static final Logger LOG = LoggerFactory.getLogger(RollbackDetector.class);

    private static final int MOST_PAGES = 1000;
    private static final long MOST_BYTES = 16L << 20;

    private final SentCallJournal journal;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final String account;
    private final JournalPosition position;
    private final JournalComparison comparison;
    private final PushSuspension suspension;

    /** The journal is written and compared by one thread at a time. May be held while Kafka is silent, so never waited for in a transaction. */
    private final ReentrantLock writing = new ReentrantLock();

    RollbackDetector(
            SentCallJournal journal,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock businessTime,
            String account,
            RecordFormat format) {
        this.journal = journal;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.account = account;
        this.position = new JournalPosition(jdbc, account);
        this.suspension = new PushSuspension(jdbc);
        this.comparison = new JournalComparison(jdbc, account, format, suspension);
    }

    /** What was known of the journal may no longer hold: another pusher may have written, or the database may be another. */
    void forget() {
        position.forget();
    }

    /**
     * Compares the journal with the database, unless that is sure already.
     *
     * @throws RuntimeException if one of them gives no answer; then nothing may be sent
     */
    void makeSure() {
        if (position.isSure()) {
            return;
        }
        writing.lock();
        try {
            if (!journal.isStored()) {
                position.nothingToCompare();
            } else if (!position.isSure()) {
                compareAll();
            }
        } finally {
            writing.unlock();
        }
    }

    private void compareAll() {
        long from = position.read();
        Pages unread = new Pages(from);
        Extent extent = journal.read(from, unread::add);
        String lost = null;
        if (extent.end() < from) {
            lost = "the topic of sent calls ends at " + extent.end() + ", but this database knows it up to " + from
                    + ": it lost entries or was made anew, so nobody knows what was sent";
        } else if (extent.first() > from) {
            lost = "the topic of sent calls begins at " + extent.first() + ", but this database knows it only up to "
                    + from + ": entries were dropped from it, so nobody knows what was sent";
        }
        unread.compare(extent.end(), Compared.ALL, lost);
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
            bytes += switch (page) {
                case SentPage sent -> sent.call().body().length;
                case SettledPage _, SuspensionPage _ -> 0;
            };
            if (bytes > MOST_BYTES || pages.size() >= MOST_PAGES) {
                compare(page.place() + 1, Compared.A_PART, null);
            }
        }

        /**
         * In one transaction, so in one database, which must stand where it stood when the reading began.
         *
         * @param lost why there may be calls that nobody can read any more; null if there are none
         */
        void compare(long upTo, Compared compared, @Nullable String lost) {
            transaction.executeWithoutResult(tx -> position.advance(from, upTo, compared, () -> {
                if (lost != null) {
                    suspension.suspend(lost);
                }
                for (Page page : pages) {
                    switch (page) {
                        case SentPage sent -> comparison.compare(sent);
                        case SettledPage settled -> comparison.compare(settled);
                        case SuspensionPage decided -> comparison.compare(decided);
                    }
                }
            }));
            pages.clear();
            bytes = 0;
            from = upTo;
        }
    }

    /**
     * Writes down what a person decided of this account since the last look, so that it outlives this state of the database. A database that
     * may not send writes nothing.
     *
     * @throws RuntimeException if it may or may not have been written; it is written again then
     */
    void writeDecisions() {
        if (!journal.isStored() || journal.whyNotToSend().isPresent()) {
            return;
        }
        for (SuspensionDecision decision : suspension.notJournaled(account)) {
            writing.lock();
            try {
                write(() -> journal.decided(decision));
            } finally {
                writing.unlock();
            }
            suspension.journaled(decision);
        }
    }

    /** Accounts that were pushed for, and of which no pusher has compared what was sent since it took their lease. */
    List<String> accountsNotCompared() {
        return position.accountsNotCompared();
    }

    /** Why this database may not send: see {@link SentCallJournal#whyNotToSend()}. */
    Optional<String> whyNotToSend() {
        return journal.whyNotToSend();
    }

    /** Whether nothing may be sent. Asked once more in the transaction that stores an attempt. */
    boolean isSuspended() {
        return openSuspension().isPresent() || whySuspendedAlone().isPresent();
    }

    /** Who has suspended this account alone, and why; empty if nobody has. */
    Optional<String> whySuspendedAlone() {
        return suspension.ofAccount(account);
    }

    /** The suspension of all accounts that is not lifted. */
    OptionalLong openSuspension() {
        return suspension.open();
    }

    /**
     * Tells the database, in the transaction that stores an attempt, up to where the journal is known.
     *
     * @return false if it does not stand where it was left: then it must be compared anew, and nothing be stored
     */
    boolean moveOn() {
        return !journal.isStored() || position.moveOn();
    }

    /**
     * Counts an outcome, at the end of the transaction that tells the ledger. What came of a call is true of any state of the database that
     * knows the attempt, so nothing is refused here; but if it does not stand where it was left, it is compared before the next call.
     */
    void countOutcome() {
        if (!journal.isStored()) {
            return;
        }
        position.count();
    }

    /**
     * Writes a stored attempt down, before its call.
     *
     * @return its place; empty if it must not be sent, because calls that the database does not know were written before it, or another database
     *     sends in place of this one
     * @throws RuntimeException if it may or may not have been written; it must not be sent then
     */
    OptionalLong written(Attempt attempt) {
        if (!journal.isStored()) {
            return OptionalLong.of(0);
        }
        if (journal.whyNotToSend().isPresent()) {
            return OptionalLong.empty();
        }
        writing.lock();
        try {
            long place = write(() -> journal.sent(
                    new SentCall(account, attempt.id(), attempt.epoch(), businessTime.instant(), attempt.body())));
            if (position.isSure()) {
                return OptionalLong.of(place);
            }
            makeSure();
            return isSuspended() ? OptionalLong.empty() : OptionalLong.of(place);
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
            asKnown = position.isNext(place);
            return place;
        } finally {
            if (!asKnown) {
                position.forget();
            }
        }
    }
}
