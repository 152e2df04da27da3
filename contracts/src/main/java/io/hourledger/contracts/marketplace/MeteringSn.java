package io.hourledger.contracts.marketplace;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The seller's unique id of a usage record ({@code metering_sn}, koogallery.md, section 1.3). It is a function of instance and window and
 * of nothing else: whoever builds the record again, at whatever time, gives it the same id, so no retry can become a second record.
 */
public record MeteringSn(String value) {

    private static final int DIGEST_BYTES = 24;

    public MeteringSn {
        if (value.isBlank() || value.length() > 64) {
            throw new IllegalArgumentException("a metering_sn has 1 to 64 characters: " + value);
        }
    }

    /** 48 hexadecimal digits: the first 192 bits of SHA-256 over instance, begin and end. */
    public static MeteringSn of(String instanceId, UsageWindow window) {
        String name = "hourledger/1\n" + instanceId + "\n" + window.begin() + "\n" + window.end();
        byte[] digest = sha256().digest(name.getBytes(StandardCharsets.UTF_8));
        return new MeteringSn(HexFormat.of().formatHex(digest, 0, DIGEST_BYTES));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
