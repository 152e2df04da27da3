package io.hourledger.client;

import java.math.BigDecimal;

/** Refuses at the call what the service would refuse later: the caller is still there to be told. */
final class CallChecks {

    private static final int MAX_NAME = 256;
    private static final int MAX_INSTANCE = 64;
    private static final int MAX_INTEGER_DIGITS = 18;
    private static final int MAX_FRACTION_DIGITS = 12;
    private static final long MAX_LONG = 999_999_999_999_999_999L;

    private CallChecks() {}

    static String name(String what, String name) {
        return text(what, name, MAX_NAME);
    }

    static String instance(String instance) {
        return text("instance", instance, MAX_INSTANCE);
    }

    private static String text(String what, String text, int max) {
        if (text.isBlank() || text.length() > max) {
            throw new IllegalArgumentException(
                    "the " + what + " must have 1 to " + max + " characters, and has " + text.length());
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                throw new IllegalArgumentException("the " + what + " holds a control character at " + i);
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    throw new IllegalArgumentException("the " + what + " holds half a character at " + i);
                }
                i++;
            }
        }
        return text;
    }

    /** The amount as it is sent. */
    static String amount(long amount) {
        if (amount < 0 || amount > MAX_LONG) {
            throw new IllegalArgumentException("an amount lies between 0 and " + MAX_LONG + ", and is " + amount);
        }
        return Long.toString(amount);
    }

    /** The amount as it is sent, with all its decimals. */
    static String amount(BigDecimal amount) {
        // the digits are counted before they are written out, so a huge exponent costs nothing
        BigDecimal shortest = amount.stripTrailingZeros();
        long integerDigits = (long) shortest.precision() - shortest.scale();
        if (amount.signum() < 0 || integerDigits > MAX_INTEGER_DIGITS || shortest.scale() > MAX_FRACTION_DIGITS) {
            throw new IllegalArgumentException("an amount is not below zero and has at most " + MAX_INTEGER_DIGITS
                    + " digits before the point and " + MAX_FRACTION_DIGITS + " behind it");
        }
        return shortest.toPlainString();
    }
}
