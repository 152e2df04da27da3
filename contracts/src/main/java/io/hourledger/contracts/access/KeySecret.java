package io.hourledger.contracts.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One secret of a key. The secret itself is kept nowhere.
 *
 * @param sha256 its SHA-256, as 64 hexadecimal digits in lower case
 * @param validUntil when it ends, in time of the machine; null while no end is set
 */
public record KeySecret(String sha256, @Nullable Instant validUntil) {

    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    public KeySecret {
        if (!SHA_256.matcher(sha256).matches()) {
            throw new IllegalArgumentException(
                    "a secret is not told as its SHA-256 in 64 hexadecimal digits in lower case");
        }
    }

    /** One without an end. */
    public static KeySecret lasting(String sha256) {
        return new KeySecret(sha256, null);
    }

    /** The form in which a secret is told and looked for. */
    public static String sha256Of(String secret) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new AssertionError(everyJavaHasIt);
        }
    }

    /** Whether it is valid at this time of the machine. */
    public boolean isValidAt(Instant now) {
        return validUntil == null || now.isBefore(validUntil);
    }
}
