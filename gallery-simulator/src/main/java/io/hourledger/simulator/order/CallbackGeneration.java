package io.hourledger.simulator.order;

/** A generation of callbacks (koogallery.md, section 4.1); a product is sold in one of them. */
public enum CallbackGeneration {
    /** V1.0: GET, and the call tells the order. */
    FIRST,
    /** V2.0: POST, and the seller asks for the order. */
    SECOND;

    /** 1 or 2. */
    public int number() {
        return this == FIRST ? 1 : 2;
    }

    public static CallbackGeneration of(int number) {
        return number == 1 ? FIRST : SECOND;
    }
}
