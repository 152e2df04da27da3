package io.hourledger.console.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The browsers that are signed in, in the memory of this process. A restart signs all out. Beyond {@value #MOST} sessions the oldest ends.
 * Tokens and session ids are looked up by their hash, so how long that takes says nothing about them. Safe for many threads.
 */
final class Sessions {

    static final int MOST = 1000;

    private static final int ID_BYTES = 32;

    private final Map<String, SignedInUser> usersByTokenHash = new HashMap<>();
    private final Map<String, Session> sessionsByIdHash = new LinkedHashMap<>();
    private final Duration lasts;
    private final LongSupplier nanos;
    private final SecureRandom random = new SecureRandom();

    private record Session(SignedInUser user, long startNanos) {}

    /**
     * @param nanos elapsed time, as {@link System#nanoTime}
     */
    Sessions(AccessSettings settings, LongSupplier nanos) {
        settings.tokens()
                .forEach(token -> usersByTokenHash.put(
                        token.sha256(),
                        new SignedInUser(token.name(), token.role().label())));
        this.lasts = settings.session();
        this.nanos = nanos;
    }

    /** Whose token it is. */
    Optional<SignedInUser> holderOf(String token) {
        return Optional.ofNullable(usersByTokenHash.get(sha256(token.strip())));
    }

    /** Begins a session and answers its id, which only the browser has from then on. */
    synchronized String begin(SignedInUser user) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        if (sessionsByIdHash.size() >= MOST) {
            sessionsByIdHash.remove(sessionsByIdHash.keySet().iterator().next());
        }
        sessionsByIdHash.put(sha256(id), new Session(user, nanos.getAsLong()));
        return id;
    }

    /** Empty if there is no such session, or it has ended. */
    synchronized Optional<SignedInUser> userOf(String sessionId) {
        String hash = sha256(sessionId);
        Session session = sessionsByIdHash.get(hash);
        if (session == null) {
            return Optional.empty();
        }
        if (nanos.getAsLong() - session.startNanos > lasts.toNanos()) {
            sessionsByIdHash.remove(hash);
            return Optional.empty();
        }
        return Optional.of(session.user);
    }

    synchronized void end(String sessionId) {
        sessionsByIdHash.remove(sha256(sessionId));
    }

    Duration lasts() {
        return lasts;
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new AssertionError(everyJavaHasIt);
        }
    }
}
