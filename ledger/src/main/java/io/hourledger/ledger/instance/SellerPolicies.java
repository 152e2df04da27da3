package io.hourledger.ledger.instance;

import org.jspecify.annotations.Nullable;

/** What each seller account has settled where the marketplace's rules leave a choice. */
@FunctionalInterface
public interface SellerPolicies {

    /**
     * What the rules decide by.
     *
     * @param account the seller account that an instance was ordered from; null if it was opened without a marketplace
     */
    SellerPolicy of(@Nullable String account);
}
