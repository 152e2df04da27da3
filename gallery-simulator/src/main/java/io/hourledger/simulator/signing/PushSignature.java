package io.hourledger.simulator.signing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/**
 * The {@code signature} header of a usage push (koogallery.md, section 1.2):
 * {@code base64(hmacSHA256(sellerKey, "ts={ts}&nonce={nonce}&body={body}"))}, over the bytes as they came.
 */
public final class PushSignature {

    private PushSignature() {}

    public static String of(String sellerKey, String ts, String nonce, byte[] body) {
        byte[] head = ("ts=" + ts + "&nonce=" + nonce + "&body=").getBytes(UTF_8);
        return Base64.getEncoder().encodeToString(Hmac.hmacSha256(sellerKey, head, body));
    }

    public static boolean fits(String signature, String sellerKey, String ts, String nonce, byte[] body) {
        return Hmac.sameText(of(sellerKey, ts, nonce, body), signature);
    }
}
