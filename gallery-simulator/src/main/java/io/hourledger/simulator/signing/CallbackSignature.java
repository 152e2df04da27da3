package io.hourledger.simulator.signing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;

/**
 * The {@code signature} of a V2.0 callback (koogallery.md, section 4.2). With {@code inner = lower(hex(HMAC(key, body)))} it is
 * {@code hex(HMAC(key, key + nonce + timestamp + inner))}.
 */
public final class CallbackSignature {

    private CallbackSignature() {}

    public static String of(String sellerKey, String nonce, String timestamp, byte[] body) {
        String inner = HexFormat.of().formatHex(Hmac.hmacSha256(sellerKey, body));
        String canonical = sellerKey + nonce + timestamp + inner;
        return HexFormat.of().formatHex(Hmac.hmacSha256(sellerKey, canonical.getBytes(UTF_8)));
    }
}
