package io.hourledger.contracts.marketplace;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The one place that decides scale and rounding. The marketplace takes amounts above zero with at most 4 decimals, up to
 * {@code Double(12,4)} (koogallery.md, section 1.3); what does not fit into 4 decimals is carried to the instance's next record.
 *
 * @param billed what the record says: 4 decimals, rounded down, zero or more
 * @param carried what is left for the next record: {@code 0 <= carried < 0.0001}, exact, without trailing zeros
 */
public record BillableAmount(BigDecimal billed, BigDecimal carried) {

    /** Decimals of a usage record. */
    public static final int SCALE = 4;

    /** The largest amount of one record: 12 digits, 4 of them decimals. */
    public static final BigDecimal LARGEST = new BigDecimal("99999999.9999");

    /**
     * @param due the amount metered plus what was carried so far; zero or more
     */
    public static BillableAmount of(BigDecimal due) {
        if (due.signum() < 0) {
            throw new IllegalArgumentException("an amount due is never below zero: " + due);
        }
        BigDecimal billed = due.setScale(SCALE, RoundingMode.DOWN);
        return new BillableAmount(billed, canonical(due.subtract(billed)));
    }

    /** The same amount in its one spelling: no trailing zeros, no exponent, zero is {@code 0}. */
    public static BigDecimal canonical(BigDecimal amount) {
        BigDecimal stripped = amount.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    /** Whether there is anything to report: the marketplace refuses zero. */
    public boolean reportable() {
        return billed.signum() > 0;
    }
}
