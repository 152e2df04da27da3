package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.ingest.accept.AcceptSettings.ApiKeySettings;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who sends. A key is found by the hash of what came, and the hashes are compared in constant time, so how long that takes says
 * nothing about a key.
 */
final class ApiKeys {

    private static final String SCHEME = "Bearer ";

    private final Map<String, ApiKey> keysOfSettings = new HashMap<>();
    private final ApiKeySource told;

    ApiKeys(List<ApiKeySettings> keys, ApiKeySource told) {
        for (ApiKeySettings key : keys) {
            keysOfSettings.put(key.sha256(), key.toKey());
        }
        this.told = told;
    }

    /** Who the value of an {@code Authorization} header belongs to. */
    Optional<ApiKey> sender(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        String secret =
                KeySecret.sha256Of(authorization.substring(SCHEME.length()).strip());
        return Optional.ofNullable(keysOfSettings.get(secret))
                .or(() -> told.keyOf(secret))
                .filter(key -> isOneOf(key, secret));
    }

    /** Whether a sender that is not found has no key; else it may have one of which nobody has told yet. */
    boolean areAllKnown() {
        return told.isTold();
    }

    private static boolean isOneOf(ApiKey key, String secret) {
        byte[] came = secret.getBytes(US_ASCII);
        boolean same = false;
        for (KeySecret valid : key.secrets()) {
            same |= MessageDigest.isEqual(valid.sha256().getBytes(US_ASCII), came);
        }
        return same;
    }
}
