package io.hourledger.contracts.usage;

/** How a product is sold; the names are those of the marketplace's query-order answer (koogallery.md, section 3). */
public enum ChargingMode {
    /** Pay per use: usage records are pushed and billed. */
    ON_DEMAND,
    /** A prepaid package of pay-per-use usage. */
    ON_DEMAND_PKG,
    /** Sold by month or year: usage may be shown, nothing is pushed. */
    PERIOD,
    /** Sold once: usage may be shown, nothing is pushed. */
    ONE_TIME
}
