package io.hourledger.pusher.push;

import org.springframework.jdbc.core.simple.JdbcClient;

/** The seller account that a database belongs to: the first start names it, every later start is compared with it. */
public final class SellerAccount {

    private SellerAccount() {}

    /**
     * Gives the database to this account if it is nobody's. Of two first starts the second waits for the first one's row, so only one name is ever
     * drawn.
     *
     * @throws AnotherSellersDatabaseException if it is another account's
     */
    public static void claim(JdbcClient jdbc, String account) {
        jdbc.sql("insert into pusher.seller_account (account) values (:account) on conflict (only_row) do nothing")
                .param("account", account)
                .update();
        String owner = jdbc.sql("select account from pusher.seller_account")
                .query(String.class)
                .single();
        if (!owner.equals(account)) {
            throw new AnotherSellersDatabaseException(owner, account);
        }
    }
}
