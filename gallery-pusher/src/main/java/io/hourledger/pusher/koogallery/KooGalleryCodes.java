package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.Rejection;
import java.util.Set;

/** What KooGallery's codes mean for a record that was not taken (koogallery.md, sections 1.4 and 1.5). */
final class KooGalleryCodes {

    /** Record codes for "I have this already": same {@code metering_sn}, same window. */
    private static final Set<String> DUPLICATE = Set.of("005", "010");

    /** Record codes for a record that will never be taken. 008 is not among them: nobody documented it. */
    private static final Set<String> BAD_RECORD =
            Set.of("001", "002", "003", "004", "006", "007", "009", "011", "012", "013");

    /** Of those, the ones that look at nothing but the record itself. */
    private static final Set<String> RECORD_ALWAYS_REFUSED = Set.of("002", "003", "004");

    /** "The instance's resource state is abnormal": what is said of one that is frozen, as far as anybody can tell. */
    private static final String INSTANCE_STATE_ABNORMAL = "013";

    /** Codes of a whole call that look at nothing but what was sent. */
    private static final Set<String> CALL_ALWAYS_REFUSED = Set.of("0100", "0101", "0199");

    private static final String NOT_THE_SELLERS_INSTANCE = "0150";

    private KooGalleryCodes() {}

    /**
     * What the code of one record means.
     *
     * @param code three digits, without a prefix
     */
    static Rejection ofRecord(String code) {
        if (DUPLICATE.contains(code)) {
            return Rejection.DUPLICATE;
        }
        if (!BAD_RECORD.contains(code)) {
            return Rejection.UNDOCUMENTED;
        }
        if (code.equals(INSTANCE_STATE_ABNORMAL)) {
            return Rejection.WHILE_FROZEN;
        }
        return RECORD_ALWAYS_REFUSED.contains(code) ? Rejection.ALWAYS_REFUSED : Rejection.REFUSED_TODAY;
    }

    /**
     * What the code of a call that was refused means for a record that was alone in it.
     *
     * @param digits four digits, without a prefix
     */
    static Rejection ofLoneRecord(String digits) {
        return CALL_ALWAYS_REFUSED.contains(digits) ? Rejection.ALWAYS_REFUSED : Rejection.REFUSED_TODAY;
    }

    /**
     * Whether a call that was not allowed was refused by somebody who had looked at its records. All codes but one come before that, so
     * none of the records was kept.
     */
    static boolean recordsLookedAt(String digits) {
        return digits.equals(NOT_THE_SELLERS_INSTANCE);
    }
}
