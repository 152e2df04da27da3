package io.hourledger.pusher.instances;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tokens with which a buyer's page may read the usage of one instance for a short time: {@code hlu1.<instance>.<expiry>.<HMAC-SHA256>}. Nothing
 * is stored. A token that is out cannot be taken back, but for its secret.
 */
final class UsageTokens {

    /** The longest time that a token may hold. */
    static final Duration LONGEST = Duration.ofHours(1);

    private static final String KIND = "hlu1";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAX_CHARS = 512;

    /** One spelling for each token. */
    private static final Pattern TOKEN =
            Pattern.compile(KIND + "\\.([A-Za-z0-9_-]{1,400})\\.([1-9][0-9]{0,11})\\.([A-Za-z0-9_-]{43})");

    private final List<SecretKeySpec> secrets = new ArrayList<>();
    private final Clock machineTime;

    /**
     * @param secret signs; null: no token is given out or believed
     * @param previousSecret is still believed; null if there is none
     * @param machineTime the expiry is elapsed time
     */
    UsageTokens(@Nullable String secret, @Nullable String previousSecret, Clock machineTime) {
        this.machineTime = machineTime;
        for (String one : new String[] {secret, previousSecret}) {
            if (one != null) {
                secrets.add(new SecretKeySpec(one.getBytes(UTF_8), ALGORITHM));
            }
        }
    }

    /** A token as it is handed out. */
    record Issued(String token, Instant expiresAt) {}

    /** What a token allows. */
    record Allowed(String instanceId, Instant expiresAt) {}

    boolean areIssued() {
        return !secrets.isEmpty();
    }

    /**
     * @param lasting above zero, at most {@link #LONGEST}
     */
    Issued issue(String instanceId, Duration lasting) {
        if (lasting.isZero() || lasting.isNegative() || lasting.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a token cannot last " + lasting);
        }
        Instant expiresAt =
                Instant.ofEpochSecond(machineTime.instant().plus(lasting).getEpochSecond());
        String signed = KIND + "." + base64(instanceId.getBytes(UTF_8)) + "." + expiresAt.getEpochSecond();
        return new Issued(signed + "." + base64(hmac(secrets.get(0), signed)), expiresAt);
    }

    /** Empty if it is no token of ours, or has expired. */
    Optional<Allowed> read(String token) {
        if (token.length() > MAX_CHARS) {
            return Optional.empty();
        }
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String signed = token.substring(0, token.lastIndexOf('.'));
        byte[] given = parts.group(3).getBytes(UTF_8);
        boolean ours = false;
        for (SecretKeySpec secret : secrets) {
            ours |= MessageDigest.isEqual(base64(hmac(secret, signed)).getBytes(UTF_8), given);
        }
        Instant expiresAt = Instant.ofEpochSecond(Long.parseLong(parts.group(2)));
        if (!ours || !machineTime.instant().isBefore(expiresAt)) {
            return Optional.empty();
        }
        return Optional.of(new Allowed(new String(Base64.getUrlDecoder().decode(parts.group(1)), UTF_8), expiresAt));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] hmac(SecretKeySpec secret, String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
