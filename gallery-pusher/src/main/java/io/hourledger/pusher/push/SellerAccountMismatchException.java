package io.hourledger.pusher.push;

/** A database does not fit the settings of the seller account; the message says why, and how to mend it. */
public final class SellerAccountMismatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private SellerAccountMismatchException(String message) {
        super(message);
    }

    static SellerAccountMismatchException another(String owner, String account) {
        return new SellerAccountMismatchException("this database belongs to the seller account '" + owner
                + "', and hourledger.pusher.account is '" + account
                + "': set it to '" + owner + "' (it is only a label, so a seller renamed elsewhere keeps it here), "
                + "or give the other seller a database and topics of its own");
    }

    /** Else all records of the shadow would be sent, and billed a second time. */
    static SellerAccountMismatchException inShadow() {
        return new SellerAccountMismatchException(
                "this database is in shadow: another system reports its usage, and nothing was sent. Say from which hour on it"
                        + " reports by ./metering marketplace go-live, or set hourledger.pusher.shadow=true again");
    }

    static SellerAccountMismatchException reports() {
        return new SellerAccountMismatchException(
                "hourledger.pusher.shadow is true, and this database has reported usage from its first start on: take the"
                        + " setting away, or give the shadow a database and topics of its own");
    }
}
