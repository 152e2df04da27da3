package io.hourledger.simulator.signing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * AK/SK signing of Huawei's API gateway, {@code SDK-HMAC-SHA256}: a canonical request (method, path ending in "/", sorted query, signed
 * headers, hash of the body), its hash under {@code X-Sdk-Date}, and an HMAC of both with the secret key. The time of signing may lie 15
 * minutes off the machine's.
 */
public final class RequestSigning {

    /** How far {@code X-Sdk-Date} may lie from the gateway's clock. */
    public static final Duration TOLERANCE = Duration.ofMinutes(15);

    private static final String ALGORITHM = "SDK-HMAC-SHA256";
    private static final DateTimeFormatter SDK_DATE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT);
    private static final Pattern AUTHORIZATION =
            Pattern.compile(ALGORITHM + " Access=([^,\\s]+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-fA-F]{64})");

    private static final byte[] NO_BODY = new byte[0];

    private final String accessKey;
    private final String secretKey;

    public RequestSigning(String accessKey, String secretKey) {
        this.accessKey = accessKey;
        this.secretKey = secretKey;
    }

    /**
     * A request without a body, as it is signed.
     *
     * @param path as sent, percent-encoded
     * @param query as sent, without "?"; empty if there is none
     * @param headers names in lower case
     */
    public record Request(String method, String path, String query, Map<String, String> headers) {}

    /** What is wrong with a request's signature; empty text if nothing is. */
    public String whatIsWrong(Request request, @Nullable String authorization, Instant machineNow) {
        if (authorization == null) {
            return "Incorrect IAM authentication information: no Authorization header";
        }
        Matcher matcher = AUTHORIZATION.matcher(authorization.trim());
        if (!matcher.matches()) {
            return "Incorrect IAM authentication information: Authorization format incorrect";
        }
        if (!matcher.group(1).equals(accessKey)) {
            return "Incorrect IAM authentication information: AK access failed";
        }
        String sdkDate = request.headers.get("x-sdk-date");
        List<String> signedHeaders = Arrays.asList(matcher.group(2).split(";"));
        if (sdkDate == null || !signedHeaders.contains("x-sdk-date")) {
            return "Incorrect IAM authentication information: x-sdk-date must be signed";
        }
        if (!inTime(sdkDate, machineNow)) {
            return "Incorrect IAM authentication information: x-sdk-date is not within 15 minutes of now";
        }
        for (String name : signedHeaders) {
            if (!request.headers.containsKey(name)) {
                return "Incorrect IAM authentication information: signed header " + name + " is missing";
            }
        }
        String expected = signature(request, signedHeaders, sdkDate);
        if (!Hmac.sameText(expected, matcher.group(3).toLowerCase(Locale.ROOT))) {
            return "Incorrect IAM authentication information: verify aksk signature fail";
        }
        return "";
    }

    /** The value of the {@code Authorization} header. */
    public String authorization(Request request, List<String> signedHeaders, String sdkDate) {
        return ALGORITHM + " Access=" + accessKey + ", SignedHeaders=" + String.join(";", signedHeaders)
                + ", Signature=" + signature(request, signedHeaders, sdkDate);
    }

    private String signature(Request request, List<String> signedHeaders, String sdkDate) {
        String toSign = ALGORITHM + "\n" + sdkDate + "\n"
                + Hmac.sha256Hex(canonicalRequest(request, signedHeaders).getBytes(UTF_8));
        return HexFormat.of().formatHex(Hmac.hmacSha256(secretKey, toSign.getBytes(UTF_8)));
    }

    static String canonicalRequest(Request request, List<String> signedHeaders) {
        StringBuilder canonical = new StringBuilder(512);
        canonical.append(request.method).append('\n');
        canonical.append(canonicalPath(request.path)).append('\n');
        canonical.append(canonicalQuery(request.query)).append('\n');
        for (String name : signedHeaders) {
            String value = request.headers.getOrDefault(name, "");
            canonical.append(name).append(':').append(value.trim()).append('\n');
        }
        canonical.append('\n').append(String.join(";", signedHeaders)).append('\n');
        return canonical.append(Hmac.sha256Hex(NO_BODY)).toString();
    }

    private static String canonicalPath(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/", -1)) {
            parts.add(encode(decode(part)));
        }
        String joined = String.join("/", parts);
        return joined.endsWith("/") ? joined : joined + "/";
    }

    private static String canonicalQuery(String query) {
        Map<String, List<String>> sorted = new TreeMap<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            sorted.computeIfAbsent(encode(decode(name)), any -> new ArrayList<>())
                    .add(encode(decode(value)));
        }
        List<String> pairs = new ArrayList<>();
        sorted.forEach((name, values) -> values.stream().sorted().forEach(value -> pairs.add(name + "=" + value)));
        return String.join("&", pairs);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    }

    private static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : text.getBytes(UTF_8)) {
            char letter = (char) (octet & 0xFF);
            if (isUnreserved(letter)) {
                encoded.append(letter);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return encoded.toString();
    }

    private static boolean isUnreserved(char letter) {
        return (letter >= 'A' && letter <= 'Z')
                || (letter >= 'a' && letter <= 'z')
                || (letter >= '0' && letter <= '9')
                || "-_.~".indexOf(letter) >= 0;
    }

    private static boolean inTime(String sdkDate, Instant machineNow) {
        try {
            Instant signedAt = LocalDateTime.parse(sdkDate, SDK_DATE).toInstant(ZoneOffset.UTC);
            return Duration.between(signedAt, machineNow).abs().compareTo(TOLERANCE) <= 0;
        } catch (DateTimeException notATime) {
            return false;
        }
    }
}
