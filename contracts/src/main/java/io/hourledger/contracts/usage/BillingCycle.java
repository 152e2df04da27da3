package io.hourledger.contracts.usage;

/** When the marketplace collects a product's records (koogallery.md, section 1.8). */
public enum BillingCycle {
    /** Collected at minute 15 of each hour. */
    HOURLY,
    /** Collected at 01:00 of the next day. */
    DAILY
}
