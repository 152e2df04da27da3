package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.usage.ReadUsage.Code;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Makes a number of what a unique count reads: 120 bits of a digest, at the scale of all values. Equal values have equal numbers, and no two
 * others were ever seen to. A string is compared by its characters and a number by its value; neither equals the other.
 */
final class UniqueValue {

    private static final int BYTES = 15;

    private UniqueValue() {}

    /**
     * @throws NotAnEvent if it is neither a number as other meters read it nor a string as an id may be
     */
    static BigDecimal of(EventText text, String path) throws NotAnEvent {
        if (text.isString()) {
            String wrong = text.whyNotAName(UsageEventLimits.MAX_NAME_CHARS);
            if (wrong != null) {
                throw new NotAnEvent(Code.INVALID_VALUE, path, path + " " + wrong);
            }
            return numberOf("text " + text.value());
        }
        if (!text.isNumber()) {
            throw new NotAnEvent(Code.INVALID_VALUE, path, path + " must be a string or a number");
        }
        DecimalText decimal = DecimalText.read(text.value(), true);
        if (decimal.wrong() != null) {
            throw new NotAnEvent(Code.INVALID_VALUE, path, path + " " + decimal.wrong());
        }
        return numberOf("number " + decimal.value().stripTrailingZeros().toPlainString());
    }

    private static BigDecimal numberOf(String value) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(UTF_8));
            return new BigDecimal(
                    new BigInteger(1, Arrays.copyOf(digest, BYTES)), UsageEventLimits.MAX_FRACTION_DIGITS);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
