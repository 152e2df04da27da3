package io.hourledger.simulator.signing;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code Body-Sign} header of a seller's answer (koogallery.md, section 4.3):
 * {@code sign_type="HMAC-SHA256", signature="<base64(HMAC_SHA256(key, body))>"}, both values in double quotes.
 */
public final class BodySign {

    private static final Pattern QUOTED =
            Pattern.compile("\\s*sign_type=\"([^\"]*)\"\\s*,\\s*signature=\"([^\"]*)\"\\s*");
    private static final Pattern UNQUOTED = Pattern.compile("\\s*sign_type=.*signature=.*");

    private BodySign() {}

    /** What is to be said of a header. */
    public enum Verdict {
        GOOD,
        MISSING,
        NOT_QUOTED,
        NOT_READABLE,
        WRONG_TYPE,
        WRONG_SIGNATURE
    }

    public static String of(String sellerKey, byte[] body) {
        String signature = Base64.getEncoder().encodeToString(Hmac.hmacSha256(sellerKey, body));
        return "sign_type=\"HMAC-SHA256\", signature=\"" + signature + "\"";
    }

    public static Verdict assess(@Nullable String header, String sellerKey, byte[] body) {
        if (header == null || header.isBlank()) {
            return Verdict.MISSING;
        }
        Matcher matcher = QUOTED.matcher(header);
        if (!matcher.matches()) {
            return UNQUOTED.matcher(header).matches() ? Verdict.NOT_QUOTED : Verdict.NOT_READABLE;
        }
        if (!matcher.group(1).equals("HMAC-SHA256")) {
            return Verdict.WRONG_TYPE;
        }
        String expected = Base64.getEncoder().encodeToString(Hmac.hmacSha256(sellerKey, body));
        return Hmac.sameText(expected, matcher.group(2)) ? Verdict.GOOD : Verdict.WRONG_SIGNATURE;
    }
}
