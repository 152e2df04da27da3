package io.hourledger.ledger.seal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** The public key by which seals are checked; whoever has it can sign nothing. Safe for several threads. */
public final class SealKey {

    private static final String ALGORITHM = "Ed25519";

    /** What stands before the 32 bytes of a key. Source: RFC 8410, section 4. */
    private static final String X509 = "302a300506032b6570032100";

    private final PublicKey key;

    /**
     * @param publicKey as {@link SealSigner#publicKey()} has it
     */
    public SealKey(String publicKey) {
        if (!SealSigner.isKey(publicKey)) {
            throw new IllegalArgumentException("a public key has " + SealSigner.KEY_DIGITS
                    + " hexadecimal digits; ./metering ledger prove --public-key prints yours");
        }
        try {
            this.key = KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(X509 + publicKey)));
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    /** Whether the owner of this key signed the seal. */
    public boolean hasSigned(Seal seal) {
        return seal.isSignedBy(this);
    }

    /** Whether the owner of this key signed the text so; a signature that is none did not. */
    boolean hasSigned(String text, String signature) {
        try {
            Signature check = Signature.getInstance(ALGORITHM);
            check.initVerify(key);
            check.update(text.getBytes(UTF_8));
            return check.verify(HexFormat.of().parseHex(signature));
        } catch (SignatureException | IllegalArgumentException noSignature) {
            return false;
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
