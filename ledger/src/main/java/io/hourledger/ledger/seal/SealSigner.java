package io.hourledger.ledger.seal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Signs seals and proofs by Ed25519 (RFC 8032). Outsiders check with the public key alone, which is published. Safe for several threads.
 */
public final class SealSigner {

    /** Hexadecimal digits of a private key. */
    public static final int KEY_DIGITS = 64;

    private static final String ALGORITHM = "Ed25519";
    private static final int PUBLIC_KEY_BYTES = 32;

    private final KeyPair keys;

    /**
     * @param signingKey the private key of RFC 8032, 32 bytes in hexadecimal digits
     */
    public SealSigner(String signingKey) {
        if (!isKey(signingKey)) {
            throw new IllegalArgumentException("hourledger.seals.signing-key must have " + KEY_DIGITS
                    + " hexadecimal digits, such as openssl rand -hex 32 draws");
        }
        this.keys = pair(HexFormat.of().parseHex(signingKey));
    }

    static boolean isKey(String text) {
        return text.matches("[0-9a-fA-F]{" + KEY_DIGITS + "}");
    }

    /** 32 bytes in hexadecimal digits, to be published. */
    public String publicKey() {
        byte[] encoded = keys.getPublic().getEncoded();
        return HexFormat.of().formatHex(Arrays.copyOfRange(encoded, encoded.length - PUBLIC_KEY_BYTES, encoded.length));
    }

    /** The signature in hexadecimal digits. */
    public String sign(String text) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(keys.getPrivate());
            signature.update(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(signature.sign());
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    /** By which its signatures are checked. */
    public SealKey key() {
        return new SealKey(publicKey());
    }

    /** The JDK derives a public key only where it draws the private one, so it draws the one that we have. */
    private static KeyPair pair(byte[] privateKey) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(NamedParameterSpec.ED25519, new GivenBytes(privateKey));
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    private static final class GivenBytes extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final byte[] given;

        GivenBytes(byte[] given) {
            this.given = given;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(given, 0, bytes, 0, bytes.length);
        }
    }
}
