package io.hourledger.simulator.signing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 and SHA-256 as the gallery's formulas use them. */
final class Hmac {

    private static final String HMAC = "HmacSHA256";

    private Hmac() {}

    static byte[] hmacSha256(String key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), HMAC));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    static String sha256Hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    /** In a time that does not depend on where two texts differ. */
    static boolean sameText(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(UTF_8), given.getBytes(UTF_8));
    }
}
