package io.hourledger.pusher.push;

import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A seller account as the settings name it. The first start records the accounts; every later start is compared with what was recorded, and a
 * name that is new must have been added by a person.
 *
 * @param name a label of ours
 * @param beginning whether its usage is reported from its first day on
 */
public record SellerAccount(String name, Beginning beginning) {

    private static final Logger LOG = LoggerFactory.getLogger(SellerAccount.class);

    /** So that of two first starts only one records its names. */
    private static final String FIRST_START =
            """
            with first as (
                update ledger.installation set accounts_named = true where not accounts_named returning id)
            insert into ledger.seller_account (account, reports_from, is_first)
            select named.account, named.reports_from::timestamptz, named.n = 1
              from first, unnest(:accounts::text[], :froms::text[]) with ordinality as named (account, reports_from, n)
            on conflict (account) do nothing""";

    /** Whether usage is reported from the first start on. */
    public enum Beginning {
        REPORTS("-infinity"),
        /** Nothing is reported until a person says from which hour on: until then another system reports. */
        IN_SHADOW("infinity");

        private final String reportsFrom;

        Beginning(String reportsFrom) {
            this.reportsFrom = reportsFrom;
        }

        String reportsFrom() {
            return reportsFrom;
        }
    }

    private record Recorded(OffsetDateTime reportsFrom, boolean wentLive) {}

    /**
     * Compares the accounts of the settings with those of the database, and records them at its first start.
     *
     * @throws SellerAccountMismatchException if the database does not know one of them, or has one that they do not name, or another as the
     *     first, or if one reports and should not, or the other way round
     */
    public static void compare(JdbcClient jdbc, List<SellerAccount> accounts) {
        jdbc.sql(FIRST_START)
                .param("accounts", accounts.stream().map(SellerAccount::name).toArray(String[]::new))
                .param(
                        "froms",
                        accounts.stream()
                                .map(account -> account.beginning().reportsFrom())
                                .toArray(String[]::new))
                .update();
        Map<String, Recorded> recorded = recorded(jdbc);
        Set<String> known = Set.copyOf(recorded.keySet());
        for (SellerAccount account : accounts) {
            Recorded stored = recorded.remove(account.name());
            if (stored == null) {
                throw SellerAccountMismatchException.unknown(account.name(), known);
            }
            account.compare(stored);
        }
        requireFirst(jdbc, accounts.getFirst().name());
        List<String> used = inUse(jdbc, recorded.keySet());
        if (!used.isEmpty()) {
            throw SellerAccountMismatchException.notNamed(used);
        }
        if (!recorded.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("accounts", recorded.keySet())
                    .log("seller accounts were added that the settings do not name; nobody pushes for them");
        }
    }

    /** Those that may have instances. One that a person has added waits for the settings, which come later, replica by replica. */
    private static List<String> inUse(JdbcClient jdbc, Set<String> accounts) {
        return jdbc.sql(
                        """
                        select account from ledger.seller_account named
                         where account = any (:accounts)
                           and (added_by is null
                                or exists (select from pusher.lease where lease.account = named.account)
                                or exists (select from pusher.requested_instance asked where asked.account = named.account))""")
                .param("accounts", accounts.toArray(String[]::new))
                .query(String.class)
                .list();
    }

    /** The first account's topic and path have no name, so in another order one account would read what another has sent. */
    private static void requireFirst(JdbcClient jdbc, String named) {
        jdbc.sql("select account from ledger.seller_account where is_first")
                .query(String.class)
                .optional()
                .filter(first -> !first.equals(named))
                .ifPresent(first -> {
                    throw SellerAccountMismatchException.notFirst(named, first);
                });
    }

    private static Map<String, Recorded> recorded(JdbcClient jdbc) {
        Map<String, Recorded> recorded = new HashMap<>();
        jdbc.sql("select account, reports_from, live_at is not null as went_live from ledger.seller_account")
                .query(row -> {
                    recorded.put(
                            row.getString("account"),
                            new Recorded(
                                    row.getObject("reports_from", OffsetDateTime.class), row.getBoolean("went_live")));
                });
        return recorded;
    }

    private void compare(Recorded recorded) {
        boolean inShadow = recorded.reportsFrom.equals(OffsetDateTime.MAX);
        if (inShadow && beginning == Beginning.REPORTS) {
            throw SellerAccountMismatchException.inShadow(name);
        }
        if (!inShadow && !recorded.wentLive && beginning == Beginning.IN_SHADOW) {
            throw SellerAccountMismatchException.reports(name);
        }
    }
}
