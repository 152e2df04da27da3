package io.hourledger.ledger.seal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was true of the whole ledger at a moment, to be kept outside of its database.
 *
 * @param eventCount how many events were chained
 * @param head the head of the keyed chain in hexadecimal digits; only who has the digest key can check it
 * @param sealedAt business time
 * @param root of the Merkle tree over the events in hexadecimal digits; everybody can check it; null in a seal from before there
 *     were roots
 * @param signature of all that stands before it, by {@link SealSigner}; null if there was no signing key
 */
public record Seal(long eventCount, String head, Instant sealedAt, @Nullable String root, @Nullable String signature) {

    private static final String UNSIGNED = "-";
    private static final int PARTS = 5;
    private static final int PARTS_WITHOUT_ROOT = 3;

    /** A seal that says the same and is signed. */
    Seal signedBy(SealSigner signer) {
        return new Seal(eventCount, head, sealedAt, root, signer.sign(signedText()));
    }

    /** Whether it is signed, and by the owner of this key. */
    public boolean isSignedBy(SealKey key) {
        return signature != null && key.hasSigned(signedText(), signature);
    }

    /** What a signature is of: a name for the form, then the line without the signature. */
    String signedText() {
        return "hourledger-seal-1 " + eventCount + " " + head + " " + sealedAt + " " + root;
    }

    /** One line of text: count, head, time, root, signature; without the last two if there is no root. */
    public String line() {
        String line = eventCount + " " + head + " " + sealedAt;
        return root == null ? line : line + " " + root + " " + (signature == null ? UNSIGNED : signature);
    }

    /** The inverse of {@link #line()}. */
    public static Seal parse(String line) {
        String[] parts = line.strip().split(" ", -1);
        if (parts.length == PARTS_WITHOUT_ROOT) {
            return new Seal(Long.parseLong(parts[0]), parts[1], Instant.parse(parts[2]), null, null);
        }
        if (parts.length != PARTS) {
            throw new IllegalArgumentException("not a seal: " + line);
        }
        return new Seal(
                Long.parseLong(parts[0]),
                parts[1],
                Instant.parse(parts[2]),
                parts[3],
                parts[4].equals(UNSIGNED) ? null : parts[4]);
    }
}
