package io.hourledger.contracts.usage;

/** How the marketplace prices a product's usage (koogallery.md, section 6). */
public enum PricingMode {
    /** Each record: amount times price. */
    FIXED,
    /** Summed over a cycle, each slice at its own price. How usage is cut into records changes nothing. */
    TIERED,
    /** Each record as a whole at the price of the range it falls in: <b>how usage is cut into records changes the price</b>. */
    VOLUME
}
