package io.hourledger.pusher.push;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The right to push for a seller account: one row, one owner, until a moment of the database's clock. A process that stops or stalls
 * loses it by time alone; the epoch tells a new owner from the old.
 */
final class SellerLease {

    /**
     * A lease that has run out is anybody's; one of our own name too, which is how a restarted process goes on at once. Nobody takes it for an
     * account that the database does not know.
     */
    private static final String TAKE =
            """
            insert into pusher.lease as held (account, owner, epoch, until)
            select account, :owner, 1, clock_timestamp() + make_interval(secs => :seconds)
              from ledger.seller_account
             where account = :account
            on conflict (account) do update
                set owner = excluded.owner, epoch = held.epoch + 1, until = excluded.until
              where held.until < clock_timestamp() or held.owner = excluded.owner
            returning epoch""";

    /** Not once it has run out: then the database may be a restored one, and whoever goes on compares it with what was sent. */
    private static final String RENEW =
            """
            update pusher.lease set until = clock_timestamp() + make_interval(secs => :seconds)
             where account = :account and owner = :owner and epoch = :epoch and until >= clock_timestamp()
               and exists (select from ledger.seller_account where account = :account)
            returning epoch""";

    private static final String GIVE_UP =
            """
            update pusher.lease set until = clock_timestamp()
             where account = :account and owner = :owner and epoch = :epoch""";

    private final JdbcClient jdbc;
    private final String account;
    private final String owner;
    private final Duration length;
    private volatile @Nullable Held held;
    private volatile long elsewhereUntilNanos = System.nanoTime();

    /**
     * A lease in our hands.
     *
     * @param untilNanos its end by {@link System#nanoTime()}; a little early, never late
     */
    record Held(long epoch, long untilNanos) {

        boolean over() {
            return System.nanoTime() - untilNanos >= 0;
        }
    }

    SellerLease(JdbcClient jdbc, PushSettings.Lease settings) {
        this.jdbc = jdbc;
        this.account = settings.account();
        this.owner = settings.owner();
        this.length = settings.length();
    }

    String account() {
        return account;
    }

    String owner() {
        return owner;
    }

    /** The lease, if we hold it and it has not run out. */
    Optional<Held> current() {
        Held current = held;
        return current == null || current.over() ? Optional.empty() : Optional.of(current);
    }

    /** Whether the database said lately that another pusher has it; if it says nothing, nobody knows. */
    boolean isElsewhere() {
        return elsewhereUntilNanos - System.nanoTime() > 0;
    }

    /** Prolongs the lease if it is still ours, else takes it if it is free. */
    Optional<Held> renewOrTake() {
        Held before = held;
        long asked = System.nanoTime();
        Optional<Long> epoch = before == null ? Optional.empty() : run(RENEW, before.epoch());
        if (epoch.isEmpty()) {
            asked = System.nanoTime();
            epoch = run(TAKE, 0);
        }
        long until = asked + length.toNanos();
        held = epoch.map(current -> new Held(current, until)).orElse(null);
        elsewhereUntilNanos = epoch.isPresent() ? asked : until;
        return current();
    }

    /** Lets others take it at once. */
    void giveUp() {
        Held before = held;
        held = null;
        if (before != null) {
            jdbc.sql(GIVE_UP)
                    .param("account", account)
                    .param("owner", owner)
                    .param("epoch", before.epoch())
                    .update();
        }
    }

    private Optional<Long> run(String sql, long epoch) {
        JdbcClient.StatementSpec statement = jdbc.sql(sql)
                .param("account", account)
                .param("owner", owner)
                .param("seconds", length.toMillis() / 1000.0);
        return (sql.contains(":epoch") ? statement.param("epoch", epoch) : statement)
                .query(Long.class)
                .optional();
    }
}
