package io.hourledger.ledger.instance;

/**
 * What a seller account has settled where the marketplace's rules are unknown or leave a choice.
 *
 * @param lateWindow where usage goes whose hour has a record already
 */
public record SellerPolicy(LateWindow lateWindow) {

    /** When in doubt, hold: what a new account starts with. */
    public static final SellerPolicy CAUTIOUS = new SellerPolicy(LateWindow.HOLD);

    /** The window of usage whose hour has a record already. */
    public enum LateWindow {
        /** None: it is withheld for a person. */
        HOLD,
        /** One second shorter than the shortest used, from the same begin. */
        SHORTER,
        /** One second each of the hour's last 60, which first records leave free. */
        RESERVED_TAIL
    }
}
