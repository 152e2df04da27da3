package io.hourledger.simulator.signing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.SortedMap;
import java.util.StringJoiner;

/**
 * The {@code authToken} of a V1.0 callback (koogallery.md, section 4.2):
 * {@code base64(HMAC(key + timeStamp, "name=value&name=value"))} over all other parameters, ascending by name, before they are encoded.
 */
public final class AuthToken {

    private AuthToken() {}

    public static String of(String sellerKey, String timeStamp, SortedMap<String, String> parameters) {
        StringJoiner text = new StringJoiner("&");
        parameters.forEach((name, value) -> text.add(name + "=" + value));
        return Base64.getEncoder()
                .encodeToString(
                        Hmac.hmacSha256(sellerKey + timeStamp, text.toString().getBytes(UTF_8)));
    }
}
