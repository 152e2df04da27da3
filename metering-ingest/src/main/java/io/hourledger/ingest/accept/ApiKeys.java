package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ingest.accept.AcceptSettings.ApiKeySettings;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out who sends. Keys are compared by their hash, so how long a comparison takes says nothing about a key. */
final class ApiKeys {

    private static final String SCHEME = "Bearer ";

    private final Map<String, ApiKeySettings> keysByHash = new HashMap<>();

    ApiKeys(List<ApiKeySettings> keys) {
        for (ApiKeySettings key : keys) {
            keysByHash.put(key.sha256(), key);
        }
    }

    /** Who the value of an {@code Authorization} header belongs to. */
    Optional<ApiKeySettings> sender(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        String key = authorization.substring(SCHEME.length()).strip();
        return Optional.ofNullable(keysByHash.get(sha256(key)));
    }

    private static String sha256(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new AssertionError(everyJavaHasIt);
        }
    }
}
