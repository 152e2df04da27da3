package io.hourledger.pusher.push;

import java.time.OffsetDateTime;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The seller account that a database belongs to: the first start names it, every later start is compared with it. */
public final class SellerAccount {

    private SellerAccount() {}

    /** Whether usage is reported from the first start on. */
    public enum Beginning {
        REPORTS,
        /** Nothing is reported until a person says from which hour on: until then another system reports. */
        IN_SHADOW
    }

    private record Owner(String account, OffsetDateTime reportsFrom, boolean wentLive) {}

    /**
     * Gives the database to this account if it is nobody's. Of two first starts the second waits for the first one's row, so only one name is ever
     * drawn.
     *
     * @throws SellerAccountMismatchException if it is another account's, or if it reports and should not, or the other way round
     */
    public static void claim(JdbcClient jdbc, String account, Beginning beginning) {
        jdbc.sql(
                        """
                        with claimed as (
                            insert into pusher.seller_account (account, reports_from)
                            values (:account, :from::timestamptz)
                            on conflict (only_row) do nothing
                            returning reports_from)
                        update ledger.installation set reports_from = claimed.reports_from from claimed""")
                .param("account", account)
                .param("from", beginning == Beginning.IN_SHADOW ? "infinity" : "-infinity")
                .update();
        Owner owner = jdbc.sql(
                        "select account, reports_from, live_at is not null as went_live from pusher.seller_account")
                .query((row, number) -> new Owner(
                        row.getString("account"),
                        row.getObject("reports_from", OffsetDateTime.class),
                        row.getBoolean("went_live")))
                .single();
        if (!owner.account.equals(account)) {
            throw SellerAccountMismatchException.another(owner.account, account);
        }
        boolean inShadow = owner.reportsFrom.equals(OffsetDateTime.MAX);
        if (inShadow && beginning == Beginning.REPORTS) {
            throw SellerAccountMismatchException.inShadow();
        }
        if (!inShadow && !owner.wentLive && beginning == Beginning.IN_SHADOW) {
            throw SellerAccountMismatchException.reports();
        }
    }
}
