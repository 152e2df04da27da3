package io.hourledger.ledger.instance;

import io.hourledger.contracts.usage.UsageHour;
import java.util.Optional;

/** Why an amount that was metered is in no usage record. The names are kept in events and never change. */
public final class WithholdReason {

    /** A debugging instance of the marketplace. */
    public static final String TEST = "test-instance";
    /** The instance was opened without a marketplace: nobody has bought it. */
    public static final String NO_MARKETPLACE = "no-marketplace";
    /** The product in force was not sold by use: shown, never pushed. */
    public static final String NOT_PAY_PER_USE = "not-pay-per-use";
    /** All of it was used before the instance was opened. */
    public static final String BEFORE_OPENED = "before-opened";
    /** All of it was used after the instance was released. */
    public static final String AFTER_RELEASE = "after-release";
    /** Some of it lies outside the billable life: a recount must say how much. */
    public static final String MIXED_HOUR = "mixed-hour";
    /** All of it was used while the instance was frozen. */
    public static final String FROZEN = "frozen";
    /** All of it was used after the instance had expired. */
    public static final String EXPIRED = "expired";
    /** No moment of it is billable, for more than one reason. */
    public static final String OUTSIDE_LIFE = "outside-life";
    /** Pauses that long ago are no longer known to the state. */
    public static final String LIFE_FORGOTTEN = "life-forgotten";
    /** The marketplace takes no record that old. */
    public static final String TOO_OLD = "too-old";
    /** The packages held less. */
    public static final String PACKAGE_USED_UP = "package-used-up";
    /** The product is billed through packages only, and none was open. */
    public static final String NO_PACKAGE = "no-package";
    /** The billable part of the hour holds no whole second, so no window. */
    public static final String NO_WHOLE_SECOND = "no-whole-second";
    /** The hour has a record already, and the seller account's setting is to hold what comes late. */
    public static final String LATE_WINDOW = "late-window";
    /** No window of the hour is left. */
    public static final String NO_WINDOW_LEFT = "no-window-left";
    /** With volume pricing one more record in the hour would change the price. */
    public static final String VOLUME_PRICING = "volume-pricing";

    /** It takes back usage that was billed under a product that is in force no more, and the next record has another price. */
    public static final String CREDIT_OF_ANOTHER_PRODUCT = "credit-of-another-product";

    /** Another system reports its hour, so the buyer was billed there for what it takes back. */
    public static final String CREDIT_OF_ANOTHER_SYSTEM = "credit-of-another-system";
    /** As many credits as an instance remembers wait for a record already. */
    public static final String TOO_MANY_CREDITS = "too-many-credits";

    private WithholdReason() {}

    /** The reason that holds for all usage of an hour of such an instance, if there is one. */
    static Optional<String> always(InstanceState state, UsageHour hour) {
        if (state.origin().test()) {
            return Optional.of(TEST);
        }
        if (!state.origin().isSold()) {
            return Optional.of(NO_MARKETPLACE);
        }
        return state.life().isNeverPayPerUse(hour) ? Optional.of(NOT_PAY_PER_USE) : Optional.empty();
    }
}
