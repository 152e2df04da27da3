package io.hourledger.chaos;

/** What an instance of the load is metered by: one meter each, with a product and an event type of its own. */
enum LoadMeter {
    /** Adds values. */
    VOLUME("chaos-volume", "chaos.volume"),
    /** Counts events. */
    CALLS("chaos-calls", "chaos.call"),
    /** Adds the values of events of some regions; the others are filtered out. */
    HITS("chaos-hits", "chaos.hit"),
    /** Counts different accounts. */
    ACCOUNTS("chaos-accounts", "chaos.login"),
    /** Takes the 95th percentile of five-minute sums. Of at most twelve that is the largest, which never falls: so nothing is taken back. */
    BANDWIDTH("chaos-bandwidth", "chaos.traffic"),
    /** Weighs levels by time. Those of one instance are all equal, so that a late one only adds time, and nothing is taken back. */
    LEVELS("chaos-levels", "chaos.level");

    private final String product;
    private final String eventType;

    LoadMeter(String product, String eventType) {
        this.product = product;
        this.eventType = eventType;
    }

    String product() {
        return product;
    }

    String eventType() {
        return eventType;
    }

    /** Whether its events have a value; else each counts as one, or has an account. */
    boolean readsAmounts() {
        return switch (this) {
            case VOLUME, HITS, BANDWIDTH, LEVELS -> true;
            case CALLS, ACCOUNTS -> false;
        };
    }

    static LoadMeter ofProduct(String product) {
        for (LoadMeter meter : values()) {
            if (meter.product.equals(product)) {
                return meter;
            }
        }
        throw new IllegalArgumentException("no meter of the load has product " + product);
    }
}
