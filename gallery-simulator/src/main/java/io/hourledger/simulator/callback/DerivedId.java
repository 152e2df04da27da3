package io.hourledger.simulator.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Ids that are a function of a name, so that a run can be repeated to the letter. */
final class DerivedId {

    private DerivedId() {}

    static String orderId(String name) {
        return "CS" + hex("order", name, 11).toUpperCase(java.util.Locale.ROOT);
    }

    static String businessId(String orderLineId) {
        return hex("business", orderLineId, 16);
    }

    private static String hex(String kind, String name, int bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest((kind + "\n" + name).getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, bytes);
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
