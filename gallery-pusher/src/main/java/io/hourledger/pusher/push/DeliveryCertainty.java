package io.hourledger.pusher.push;

/** Whether an earlier attempt of a record may have arrived at the marketplace. Grows, never shrinks. */
enum DeliveryCertainty {
    /** Certainly not: never sent, or refused before anybody looked at the records. */
    NEVER("never"),
    /** In a call that was refused as a whole; whether its good records were kept is documented nowhere (koogallery.md, section 1.5). */
    AS_PART("as-part"),
    /** In a call without a readable answer. */
    UNCLEAR("unclear");

    private final String stored;

    DeliveryCertainty(String stored) {
        this.stored = stored;
    }

    String stored() {
        return stored;
    }

    static DeliveryCertainty ofStored(String stored) {
        for (DeliveryCertainty arrival : values()) {
            if (arrival.stored.equals(stored)) {
                return arrival;
            }
        }
        throw new IllegalArgumentException("no arrival is stored as " + stored);
    }

    DeliveryCertainty or(DeliveryCertainty other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
