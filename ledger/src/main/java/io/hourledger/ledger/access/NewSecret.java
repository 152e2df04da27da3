package io.hourledger.ledger.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

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
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new AssertionError(everyJavaHasIt);
        }
    }

    /** Not the secret. */
    @Override
    public String toString() {
        return "secret";
    }
}
