package io.hourledger.ledger.access;

import io.hourledger.contracts.access.KeySecret;
import java.security.SecureRandom;
import java.util.Base64;

/** A secret that nobody has seen yet. It can be shown once; only its hash is kept. */
public final class NewSecret {

    /** So that a scanner for secrets finds one that got into a repository. */
    private static final String PREFIX = "hlk_";

    private static final int RANDOM_BYTES = 32;

    private final String text;

    private NewSecret(String text) {
        this.text = text;
    }

    /** Draws one that cannot be guessed. */
    public static NewSecret draw() {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        return new NewSecret(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }

    /** For the person who will give it to an app. */
    public String show() {
        return text;
    }

    String sha256() {
        return KeySecret.sha256Of(text);
    }

    /** Not the secret. */
    @Override
    public String toString() {
        return "secret";
    }
}
