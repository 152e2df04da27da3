package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.DecidedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The seller accounts of a database, and what a person decides of them. Suspending one keeps its records where they are: nothing of it is sent until
 * it is resumed, and then all goes on as it stood. Accounts beside it notice nothing.
 */
public final class SellerAccounts {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    private static final String ALL =
            """
            select account.account, account.since, account.reports_from, lease.owner,
                   lease.until is not null and lease.until > clock_timestamp() as pushed,
                   alone.since as suspended_since, alone.who || ': ' || alone.why as suspended_because,
                   (select count(*) from (select from pusher.work
                                           where work.account = account.account and not_before < 'infinity'
                                           limit 10000) queued)
                       + (select count(*) from (select from pusher.work
                                                 where work.account = account.account and not_before = 'infinity'
                                                 limit 10000) frozen)
                       + (select count(*) from (select from ledger.outbox where outbox.account = account.account
                                                 limit 10000) issued) as waiting
              from ledger.seller_account account
              left join pusher.lease lease on lease.account = account.account
              left join pusher.account_suspension alone on alone.account = account.account and alone.resumed_at is null
             order by account.since, account.account""";

    private static final String ADD =
            """
            insert into ledger.seller_account (account, added_by, added_why, reports_from)
            values (:account, :who, :why, :from::timestamptz)
            on conflict (account) do nothing""";

    private static final String SUSPEND =
            """
            insert into pusher.account_suspension (account, who, why)
            select account, :who, :why from ledger.seller_account where account = :account
            on conflict (account) where resumed_at is null do nothing""";

    private static final String RESUME =
            """
            update pusher.account_suspension set resumed_at = clock_timestamp(), resumed_by = :who, resumed_why = :why
             where account = :account and resumed_at is null""";

    /**
     * What an account owes, or is owed, hangs on an instance, and each instance on a call under the account's path. An open suspension ends
     * with it, so that one that is added later under the same name is not born suspended.
     */
    private static final String REMOVE =
            """
            with gone as (
                delete from ledger.seller_account known
                 where account = :account and not is_first
                   and not exists (select from pusher.requested_instance asked where asked.account = known.account)
                   and not exists (select from ledger.instance opened where opened.account = known.account)
                   and not exists (select from ledger.outbox issued where issued.account = known.account)
                   and not exists (select from pusher.work queued where queued.account = known.account)
                   and not exists (select from pusher.shadow_record kept where kept.account = known.account)
                   and not exists (select from pusher.attempt sent where sent.account = known.account)
                   and not exists (select from pusher.lease
                                    where lease.account = known.account and lease.until > clock_timestamp())
                returning account),
            resumed as (
                update pusher.account_suspension
                   set resumed_at = clock_timestamp(), resumed_by = :who, resumed_why = :why
                  from gone
                 where account_suspension.account = gone.account and resumed_at is null)
            insert into ledger.removed_seller_account (account, removed_by, why)
            select account, :who, :why from gone""";

    private final JdbcClient jdbc;

    public SellerAccounts(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * How an account stands.
     *
     * @param since machine time
     * @param reporting {@code all}, {@code in-shadow}, or the hour from which on it reports
     * @param pushedBy the pusher that has its lease; null if none has
     * @param suspendedSince machine time; null unless a person has suspended it alone
     * @param waiting records that are not reported yet; at most 20,000 are counted
     */
    public record Shown(
            String account,
            Instant since,
            String reporting,
            @Nullable String pushedBy,
            @Nullable Instant suspendedSince,
            @Nullable String suspendedBecause,
            long waiting) {}

    /** The oldest first. */
    public List<Shown> all() {
        return jdbc.sql(ALL).query((row, number) -> shown(row)).list();
    }

    private static Shown shown(ResultSet row) throws SQLException {
        OffsetDateTime from = row.getObject("reports_from", OffsetDateTime.class);
        String reporting = from.equals(OffsetDateTime.MIN)
                ? "all"
                : from.equals(OffsetDateTime.MAX) ? "in-shadow" : "from " + from.toInstant();
        return new Shown(
                row.getString("account"),
                row.getObject("since", OffsetDateTime.class).toInstant(),
                reporting,
                row.getBoolean("pushed") ? row.getString("owner") : null,
                Optional.ofNullable(row.getObject("suspended_since", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant)
                        .orElse(null),
                row.getString("suspended_because"),
                row.getLong("waiting"));
    }

    /** Whether an account may have this name: it stands in a path and in the name of a topic. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Lets the settings name a further account. False if there is one of this name. */
    public boolean add(String account, SellerAccount.Beginning beginning, DecidedBy by) {
        return decided(jdbc.sql(ADD).param("from", beginning.reportsFrom()), account, by);
    }

    /**
     * Takes an account away that nothing was ever opened for; its decisions stay in the audit. False if there is none of this name, if it is
     * the first, has an instance, a record or a call, or somebody pushes for it.
     */
    public boolean remove(String account, DecidedBy by) {
        return decided(jdbc.sql(REMOVE), account, by);
    }

    /** Stops sending of this account alone. False if there is none of this name, or a person has suspended it before. */
    public boolean suspend(String account, DecidedBy by) {
        return decided(jdbc.sql(SUSPEND), account, by);
    }

    /** Lets it go on. False if nobody has suspended it. */
    public boolean resume(String account, DecidedBy by) {
        return decided(jdbc.sql(RESUME), account, by);
    }

    private static boolean decided(JdbcClient.StatementSpec statement, String account, DecidedBy by) {
        return statement
                        .param("account", account)
                        .param("who", by.who())
                        .param("why", by.why())
                        .update()
                == 1;
    }
}
