package io.hourledger.pusher.push;

import java.util.Collection;
import java.util.TreeSet;

/** A database does not fit the settings of the seller accounts; the message says why, and how to mend it. */
public final class SellerAccountMismatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private SellerAccountMismatchException(String message) {
        super(message);
    }

    /** Its instances would be opened, and their records sent, under a name that may be a typing mistake. */
    static SellerAccountMismatchException unknown(String account, Collection<String> known) {
        return new SellerAccountMismatchException("the settings name the seller account '" + account
                + "', which this database does not know; it knows " + quoted(known)
                + ". Correct hourledger.pusher.account or hourledger.pusher.accounts. The name is only a label, so a seller"
                + " renamed elsewhere keeps it here. A new seller is added by ./metering account add");
    }

    /** Its records would wait for a pusher that never comes. */
    static SellerAccountMismatchException notNamed(Collection<String> accounts) {
        return new SellerAccountMismatchException("this database has instances or records of the seller account "
                + quoted(accounts)
                + ", which the settings do not name: set hourledger.pusher.account to it, or add it to"
                + " hourledger.pusher.accounts. ./metering account suspend keeps it from sending");
    }

    /** It would take the journal of another account for its own, and calls without a name in their path. */
    static SellerAccountMismatchException notFirst(String named, String first) {
        return new SellerAccountMismatchException("hourledger.pusher.account must stay '" + first + "' and is '" + named
                + "': the journal topic and the callback path without a name are of the account that was the first at"
                + " the first start. Others stand in hourledger.pusher.accounts");
    }

    private static String quoted(Collection<String> names) {
        return "'" + String.join("', '", new TreeSet<>(names)) + "'";
    }

    /** Else all records of the shadow would be sent, and billed a second time. */
    static SellerAccountMismatchException inShadow(String account) {
        return new SellerAccountMismatchException("the seller account '" + account
                + "' is in shadow: another system reports its usage, and nothing was sent. Say from which hour on it"
                + " reports by ./metering marketplace go-live, or set hourledger.pusher.shadow=true again");
    }

    static SellerAccountMismatchException reports(String account) {
        return new SellerAccountMismatchException("hourledger.pusher.shadow is true, and the seller account '" + account
                + "' has reported usage from its first start on: take the setting away, or give the shadow an account of"
                + " its own");
    }
}
