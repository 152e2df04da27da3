package io.hourledger.pusher.instances;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.pusher.instances.InstancesSettings.AppKeySettings;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out which app asks. Keys are compared by their hash, so how long a comparison takes says nothing about a key. */
final class AppKeys {

    private final Map<String, AppKeySettings> keysByHash = new HashMap<>();

    AppKeys(List<AppKeySettings> keys) {
        for (AppKeySettings key : keys) {
            keysByHash.put(key.sha256(), key);
        }
    }

    Optional<AppKeySettings> app(String key) {
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
