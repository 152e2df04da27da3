package io.hourledger.pusher.push;

/** A database keeps the records of another seller account; the message says whose, and how to mend it. */
public final class AnotherSellersDatabaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AnotherSellersDatabaseException(String owner, String account) {
        super("this database belongs to the seller account '" + owner + "', and hourledger.pusher.account is '"
                + account
                + "': set it to '" + owner + "' (it is only a label, so a seller renamed elsewhere keeps it here), "
                + "or give the other seller a database and topics of its own");
    }
}
