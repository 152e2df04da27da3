package io.hourledger.aggregator.ids;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The secret under which events are identified: 128 bits. Whoever knows it can craft two events that look like one, and so hide usage. With
 * another key every id counted before is a stranger, so its {@link #fingerprint()} is kept beside the ids and compared at each start.
 */
public final class IdKey {

    private static final int BYTES = 16;

    private final byte[] key;

    private IdKey(byte[] key) {
        this.key = key;
    }

    /**
     * @throws IllegalArgumentException with a sentence that says how to mend it, if the text is not 32 hexadecimal digits
     */
    public static IdKey fromHex(String hex) {
        byte[] key;
        try {
            key = HexFormat.of().parseHex(hex.strip().toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException notHex) {
            throw new IllegalArgumentException(
                    "the id key must be 32 hexadecimal digits, as `openssl rand -hex 16` prints");
        }
        if (key.length != BYTES) {
            throw new IllegalArgumentException(
                    "the id key must be 32 hexadecimal digits, as `openssl rand -hex 16` prints");
        }
        return new IdKey(key);
    }

    /** Tells keys apart without giving them away. */
    public String fingerprint() {
        return HexFormat.of().formatHex(digest("fingerprint"), 0, 8);
    }

    /** Keys for different uses have nothing to do with one another. */
    SipHash hashFor(String use) {
        ByteBuffer derived = ByteBuffer.wrap(digest(use)).order(ByteOrder.LITTLE_ENDIAN);
        return new SipHash(derived.getLong(), derived.getLong());
    }

    private byte[] digest(String use) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(key);
            sha256.update(("hourledger event ids: " + use).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return sha256.digest();
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    @Override
    public String toString() {
        return "id key " + fingerprint();
    }
}
