package io.hourledger.pusher.notice;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A secret that signs webhooks as Standard Webhooks says: {@code whsec_} and 24 to 64 bytes in base64. */
final class WebhookSecret {

    private static final String PREFIX = "whsec_";
    private static final int SHORTEST = 24;
    private static final int LONGEST = 64;
    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] key;

    private WebhookSecret(byte[] key) {
        this.key = key;
    }

    /**
     * @throws IllegalArgumentException with a sentence that does not show the secret
     */
    static WebhookSecret of(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("it must begin with " + PREFIX);
        }
        byte[] key;
        try {
            key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException("what follows " + PREFIX + " must be base64");
        }
        if (key.length < SHORTEST || key.length > LONGEST) {
            throw new IllegalArgumentException("it must have 24 to 64 bytes, and has " + key.length);
        }
        return new WebhookSecret(key);
    }

    /** The header {@code webhook-signature}: one signature for each secret, so that either end can change its secret first. */
    static String header(List<WebhookSecret> secrets, String id, long timestampSeconds, String body) {
        return secrets.stream()
                .map(secret -> "v1," + secret.sign(id + "." + timestampSeconds + "." + body))
                .collect(Collectors.joining(" "));
    }

    private String sign(String content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException | InvalidKeyException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return PREFIX + "…";
    }
}
