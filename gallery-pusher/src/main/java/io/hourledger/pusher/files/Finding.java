package io.hourledger.pusher.files;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * One row of a file beside the ledger, or what the ledger has and the file lacks.
 *
 * @param row null if the file has none
 * @param record null if the ledger has none, or if the row is about all of an instance's records
 * @param ledgerAmount what the ledger has; null if it has nothing to compare
 */
public record Finding(
        RowVerdict verdict,
        @Nullable ListedRow row,
        @Nullable ComparedRecord record,
        @Nullable BigDecimal ledgerAmount) {

    static Finding of(RowVerdict verdict, ListedRow row, @Nullable ComparedRecord record) {
        return new Finding(verdict, row, record, record == null ? null : record.amount());
    }

    Finding as(RowVerdict another) {
        return new Finding(another, row, record, ledgerAmount);
    }

    /** What the file says beyond the ledger; zero where only one of them has an amount and no bill is compared. */
    public BigDecimal difference() {
        BigDecimal listed = row == null || row.amount() == null ? null : row.amount();
        return switch (verdict) {
            case AMOUNT_DIFFERS -> orZero(listed).subtract(orZero(ledgerAmount));
            case NOT_IN_LEDGER, BILLED_THOUGH_NOT_REPORTED, LISTED_TWICE, OTHER_MONTH -> orZero(listed);
            case NOT_ON_BILL -> orZero(ledgerAmount).negate();
            default -> BigDecimal.ZERO;
        };
    }

    private static BigDecimal orZero(@Nullable BigDecimal amount) {
        return amount == null ? BigDecimal.ZERO : amount;
    }
}
