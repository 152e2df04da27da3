package io.hourledger.ledger.store;

/**
 * Bounds of one transaction of a process that a person runs, and may stop halfway: by a key, a lid, or a network that is gone. It may hold rows or
 * tables that the services need, and a transaction id that all readers of the ledger wait for. PostgreSQL ends it then, and all of it is undone.
 */
public final class FrozenClient {

    /** Ends a transaction between two statements after 5 s, and one whose answers nobody takes after 10 s. A statement may run for long. */
    public static final String MAY_RUN_LONG =
            """
            set local idle_in_transaction_session_timeout = '5s';
            set local tcp_user_timeout = '10s'""";

    /** As {@link #MAY_RUN_LONG}; and whatever it does, it ends after 30 s. A bound that the session has already begun is replaced. */
    public static final String ENDS_SOON = MAY_RUN_LONG
            + """
            ;
            set local transaction_timeout = 0;
            set local transaction_timeout = '30s'""";

    private FrozenClient() {}
}
