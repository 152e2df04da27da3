package io.hourledger.pusher.marketplace;

/** Where the orders of each seller account are looked up: only with an account's own access key its orders are told. */
@FunctionalInterface
public interface OrderLookups {

    /** For an account of the settings. */
    OrderLookup of(String account);
}
