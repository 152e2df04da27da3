package io.hourledger.standalone.chaos;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** The secrets of one run, drawn anew each time. */
record ChaosKeys(
        String operatorToken, String apiKey, String sellerKey, String accessKey, String secretKey, String idKey) {

    private static final int KEY_BYTES = 16;

    static ChaosKeys draw() {
        SecureRandom random = new SecureRandom();
        return new ChaosKeys(key(random), key(random), key(random), key(random), key(random), key(random));
    }

    private static String key(SecureRandom random) {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** As the services are told. */
    Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("hourledger.operator-token", operatorToken);
        settings.put("hourledger.ingest.api-keys[0].name", "chaos");
        settings.put("hourledger.ingest.api-keys[0].sha256", sha256(apiKey));
        settings.put("hourledger.ingest.api-keys[0].source-prefixes[0]", "urn:hourledger:chaos:");
        settings.put("hourledger.simulator.seller-key", sellerKey);
        settings.put("hourledger.simulator.access-key", accessKey);
        settings.put("hourledger.simulator.secret-key", secretKey);
        settings.put("hourledger.pusher.seller-key", sellerKey);
        settings.put("hourledger.pusher.access-key", accessKey);
        settings.put("hourledger.pusher.secret-key", secretKey);
        settings.put("hourledger.aggregator.id-key", idKey);
        return settings;
    }

    private static String sha256(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
