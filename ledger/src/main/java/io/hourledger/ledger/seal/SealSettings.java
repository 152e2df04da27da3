package io.hourledger.ledger.seal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where and how often the ledger is sealed. It is sealed only if {@code hourledger.ledger.digest-key} is set.
 *
 * @param topic where seals are kept; made with one partition and without an end to its retention if it is not there
 * @param every elapsed time between two seals
 * @param signingKey the private Ed25519 key, 64 hexadecimal digits, for outsiders to check seals and proofs; none leaves seals unsigned
 */
@ConfigurationProperties("hourledger.seals")
public record SealSettings(
        @DefaultValue("ledger-seals") String topic, @DefaultValue("PT1M") Duration every, @Nullable String signingKey) {

    public SealSettings {
        if (topic.isBlank()) {
            throw new IllegalArgumentException("hourledger.seals.topic must not be empty; ledger-seals is usual");
        }
        if (every.toMillis() <= 0) {
            throw new IllegalArgumentException(
                    "hourledger.seals.every must be above zero, such as PT1M, and is " + every);
        }
        if (signingKey != null && !SealSigner.isKey(signingKey)) {
            throw new IllegalArgumentException("hourledger.seals.signing-key must have " + SealSigner.KEY_DIGITS
                    + " hexadecimal digits, such as openssl rand -hex 32 draws");
        }
    }

    /** With the signature that the settings ask for; null if they ask for none. */
    public @Nullable SealSigner signer() {
        return signingKey == null ? null : new SealSigner(signingKey);
    }

    @Override
    public String toString() {
        return "SealSettings[topic=" + topic + ", every=" + every + "]"; // never the key
    }
}
