package io.hourledger.ledger.instance;

import io.hourledger.contracts.marketplace.BillableAmount;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** Cuts an amount that is too large for one usage record into as few as possible. */
final class AmountCut {

    private AmountCut() {}

    /** Into how many records an amount must be cut. */
    static BigInteger count(BigDecimal billed) {
        return billed.divide(BillableAmount.LARGEST, 0, RoundingMode.UP).toBigInteger();
    }

    /**
     * @param billed above zero, 4 decimals
     * @return amounts that one record can hold each, which sum up to {@code billed}
     */
    static List<BigDecimal> pieces(BigDecimal billed) {
        List<BigDecimal> pieces = new ArrayList<>();
        BigDecimal left = billed;
        while (left.compareTo(BillableAmount.LARGEST) > 0) {
            pieces.add(BillableAmount.LARGEST);
            left = left.subtract(BillableAmount.LARGEST);
        }
        pieces.add(left);
        return pieces;
    }
}
