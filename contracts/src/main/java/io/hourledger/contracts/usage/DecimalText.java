package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * What reading an amount's text gave: a value, or what is wrong with it. The digits are counted before anything is expanded, so neither a
 * huge exponent nor a long tail of digits costs more than one look at each character.
 */
record DecimalText(BigDecimal value, @Nullable String wrong) {

    /** Beyond any exponent that the digits of an event of the largest size could bring back. */
    private static final int EXPONENT_CEILING = 10_000_000;

    private static final int LONG_DIGITS = 18;

    /** Reads a number in JSON's grammar: no leading zeros or plus sign, digits on both sides of the point. */
    static DecimalText read(String text, boolean exponentAllowed) {
        int at = 0;
        int end = text.length();
        boolean negative = at < end && text.charAt(at) == '-';
        if (negative) {
            at++;
        }
        int integerStart = at;
        at = endOfDigits(text, at);
        int integerDigits = at - integerStart;
        if (integerDigits == 0 || (integerDigits > 1 && text.charAt(integerStart) == '0')) {
            return notADecimal();
        }
        int fractionDigits = 0;
        if (at < end && text.charAt(at) == '.') {
            int fractionStart = at + 1;
            at = endOfDigits(text, fractionStart);
            fractionDigits = at - fractionStart;
            if (fractionDigits == 0) {
                return notADecimal();
            }
        }
        int digitsEnd = at;
        int exponent = 0;
        if (exponentAllowed && at < end && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            boolean down = at < end && text.charAt(at) == '-';
            if (at < end && (down || text.charAt(at) == '+')) {
                at++;
            }
            int exponentStart = at;
            for (; at < end && isDigit(text.charAt(at)); at++) {
                exponent = Math.min(EXPONENT_CEILING, exponent * 10 + (text.charAt(at) - '0'));
            }
            if (at == exponentStart) {
                return notADecimal();
            }
            exponent = down ? -exponent : exponent;
        }
        if (at != end) {
            return notADecimal();
        }
        return bounded(text.substring(integerStart, digitsEnd), negative, exponent - fractionDigits);
    }

    /** {@code digits} (with a point somewhere, that {@code exponent} already accounts for) times 10^exponent. */
    private static DecimalText bounded(String digits, boolean negative, int exponent) {
        int first = 0;
        while (first < digits.length() && isZeroOrPoint(digits.charAt(first))) {
            first++;
        }
        if (first == digits.length()) {
            return new DecimalText(BigDecimal.ZERO, null);
        }
        if (negative) {
            return wrong("must not be below zero");
        }
        int last = digits.length();
        int shifted = exponent;
        while (isZeroOrPoint(digits.charAt(last - 1))) {
            last--;
            if (digits.charAt(last) == '0') {
                shifted++;
            }
        }
        int point = digits.indexOf('.', first);
        int significant = last - first - (point >= 0 && point < last ? 1 : 0);
        if (significant + shifted > UsageEventLimits.MAX_INTEGER_DIGITS) {
            return wrong("has more than " + UsageEventLimits.MAX_INTEGER_DIGITS + " digits before the point");
        }
        if (-shifted > UsageEventLimits.MAX_FRACTION_DIGITS) {
            return wrong("has more than " + UsageEventLimits.MAX_FRACTION_DIGITS + " digits after the point");
        }
        return new DecimalText(exactly(digits, first, last, significant, shifted), null);
    }

    private static BigDecimal exactly(String digits, int first, int last, int significant, int exponent) {
        if (significant > LONG_DIGITS) {
            String plain = digits.substring(first, last).replace(".", "");
            return new BigDecimal(new BigInteger(plain), -exponent).setScale(Math.max(0, -exponent));
        }
        long unscaled = 0;
        for (int i = first; i < last; i++) {
            char c = digits.charAt(i);
            if (c != '.') {
                unscaled = unscaled * 10 + (c - '0');
            }
        }
        for (int i = 0; i < exponent; i++) {
            unscaled *= 10;
        }
        return BigDecimal.valueOf(unscaled, Math.max(0, -exponent));
    }

    private static int endOfDigits(String text, int start) {
        int at = start;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isZeroOrPoint(char c) {
        return c == '0' || c == '.';
    }

    private static DecimalText notADecimal() {
        return wrong("must be a decimal number");
    }

    private static DecimalText wrong(String why) {
        return new DecimalText(BigDecimal.ZERO, why);
    }
}
