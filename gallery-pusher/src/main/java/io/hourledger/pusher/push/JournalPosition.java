package io.hourledger.pusher.push;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps up to where of the journal the database knows all calls: one row of the account. Every attempt and every outcome moves the row by
 * compare-and-set, in the transaction that stores it. So a database that went back, or another pusher's calls, show at the next move; then
 * nothing is sure until the journal was compared again.
 */
final class JournalPosition {

    private static final String FIRST_PLACE =
            "insert into pusher.journal_position (account, next_place) values (:account, 0) on conflict do nothing";

    private static final String NOTHING_TO_COMPARE =
            """
            insert into pusher.journal_position (account, next_place, compared_at, compared_epoch)
            values (:account, 0, clock_timestamp(), (select epoch from pusher.lease where account = :account))
            on conflict (account) do update
                set compared_at = excluded.compared_at, compared_epoch = excluded.compared_epoch""";

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
                   compared_at = case when :all then clock_timestamp() else compared_at end,
                   compared_epoch = case when :all then (select epoch from pusher.lease where account = :account)
                                         else compared_epoch end
             where account = :account and next_place = :mine
            returning moves""";

    /** A database that goes back by more than a lease ends all leases: who took one anew has compared only if it says so. */
    private static final String NOT_COMPARED =
            """
            select lease.account
              from pusher.lease
              join ledger.seller_account known on known.account = lease.account
              left join pusher.journal_position position on position.account = lease.account
             where lease.until <= clock_timestamp() or position.compared_epoch is distinct from lease.epoch
             order by lease.account""";

    private final JdbcClient jdbc;
    private final String account;

    /** Held from a move until its transaction has ended, so that moves come one after another; guards all below. */
    private final ReentrantLock moving = new ReentrantLock();

    private boolean sure;
    private long placeInDatabase;
    private long movesInDatabase;
    private long next;

    JournalPosition(JdbcClient jdbc, String account) {
        this.jdbc = jdbc;
        this.account = account;
    }

    /** How much of the journal was compared. */
    enum Compared {
        A_PART,
        ALL
    }

    /** What was known of the journal may no longer hold: another pusher may have written, or the database may be another. */
    void forget() {
        moving.lock();
        try {
            sure = false;
        } finally {
            moving.unlock();
        }
    }

    /** Whether the database is known to stand where this process left it. */
    boolean isSure() {
        moving.lock();
        try {
            return sure;
        } finally {
            moving.unlock();
        }
    }

    /** There is no journal, so the database has nothing to be compared with. */
    void nothingToCompare() {
        jdbc.sql(NOTHING_TO_COMPARE).param("account", account).update();
        moving.lock();
        try {
            sure = true;
        } finally {
            moving.unlock();
        }
    }

    /** Accounts that were pushed for, whose lease nobody has now, or whoever has it did not compare. */
    List<String> accountsNotCompared() {
        return jdbc.sql(NOT_COMPARED).query(String.class).list();
    }

    /** Up to where the database knows the journal. */
    long read() {
        jdbc.sql(FIRST_PLACE).param("account", account).update();
        return jdbc.sql(PLACE).param("account", account).query(Long.class).single();
    }

    /**
     * Compares a stretch of the journal, in the caller's transaction, and moves the row to its end.
     *
     * @param from where the database must still stand
     * @param upTo the end of the stretch
     * @param compared whether anything of the journal is left behind it
     * @param comparison what is done between
     */
    void advance(long from, long upTo, Compared compared, Runnable comparison) {
        Turn turn = new Turn();
        long stands =
                jdbc.sql(LOCK_PLACE).param("account", account).query(Long.class).single();
        if (stands != from) {
            throw new IllegalStateException("the database knew the topic of sent calls up to " + from
                    + " and now up to " + stands + ": it is another, or another pusher is at work");
        }
        comparison.run();
        long moves = jdbc.sql(SET_PLACE)
                .param("account", account)
                .param("next", upTo)
                .param("mine", from)
                .param("all", compared == Compared.ALL)
                .query(Long.class)
                .single();
        turn.whenCommitted(() -> {
            placeInDatabase = upTo;
            movesInDatabase = moves;
            next = upTo;
            sure = compared == Compared.ALL;
        });
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

    /**
     * Moves the row to the end of what is known, in the transaction that stores an attempt.
     *
     * @return false if it does not stand where it was left: then it must be compared anew, and nothing be stored
     */
    boolean moveOn() {
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

    /** Counts a move without a new place. Counted in any case; if the row does not stand where it was left, nothing is sure any more. */
    void count() {
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

    /** Whether a page was written right behind those that are known; then it is known, too. */
    boolean isNext(long place) {
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
