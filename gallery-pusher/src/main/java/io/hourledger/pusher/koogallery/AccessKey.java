package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AK and SK: signs requests with SDK-HMAC-SHA256 as Huawei's API gateway wants it (devg-apisign, "API Signature Authentication
 * Mechanism"). The secret is never printed.
 */
public final class AccessKey {

    private static final String ALGORITHM = "SDK-HMAC-SHA256";
    private static final DateTimeFormatter SDK_DATE =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final HexFormat HEX = HexFormat.of();

    private final String id;
    private final String secret;

    public AccessKey(String id, String secret) {
        this.id = id;
        this.secret = secret;
    }

    /** A query parameter, not yet encoded. */
    public record Parameter(String name, String value) {}

    /** The two headers that authenticate a request. */
    public record SignedHeaders(String sdkDate, String authorization) {}

    /**
     * Signs a GET without a body over the headers {@code host} and {@code x-sdk-date}.
     *
     * @param host the value of the header {@code Host}: with the port when it is not the scheme's own
     * @param path absolute, as it is sent
     */
    public SignedHeaders signGet(String host, String path, List<Parameter> query, Instant machineNow) {
        String date = SDK_DATE.format(machineNow);
        SortedMap<String, String> headers = new TreeMap<>(Map.of("host", host, "x-sdk-date", date));
        return new SignedHeaders(date, authorization(path, query, headers, date));
    }

    /** The value of {@code Authorization} of a GET without a body that has these headers, their names in lower case. */
    String authorization(String path, List<Parameter> query, SortedMap<String, String> headers, String sdkDate) {
        StringBuilder canonicalHeaders = new StringBuilder();
        headers.forEach((name, value) ->
                canonicalHeaders.append(name).append(':').append(value.strip()).append('\n'));
        String signedHeaders = String.join(";", headers.keySet());
        String canonicalRequest = "GET\n"
                + canonicalPath(path) + "\n"
                + canonicalQuery(query) + "\n"
                + canonicalHeaders + "\n"
                + signedHeaders + "\n"
                + HEX.formatHex(sha256(new byte[0]));
        String toSign = ALGORITHM + "\n" + sdkDate + "\n" + HEX.formatHex(sha256(canonicalRequest.getBytes(UTF_8)));
        return ALGORITHM + " Access=" + id + ", SignedHeaders=" + signedHeaders + ", Signature="
                + HEX.formatHex(hmac(toSign));
    }

    /** Parameters sorted by name, then value, everything but RFC 3986's unreserved characters percent-encoded. */
    public static String canonicalQuery(List<Parameter> query) {
        return query.stream()
                .map(parameter -> Map.entry(encoded(parameter.name()), encoded(parameter.value())))
                .sorted(Map.Entry.<String, String>comparingByKey()
                        .thenComparing(Map.Entry.comparingByValue(Comparator.naturalOrder())))
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining("&"));
    }

    /** The path with each segment encoded; for the signature it always ends with a slash. */
    private static String canonicalPath(String path) {
        StringBuilder canonical = new StringBuilder();
        for (String segment : path.split("/", -1)) {
            canonical.append(encoded(segment)).append('/');
        }
        return path.endsWith("/") ? canonical.substring(0, canonical.length() - 1) : canonical.toString();
    }

    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte b : text.getBytes(UTF_8)) {
            char c = (char) (b & 0xff);
            if (unreserved(c)) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    private static boolean unreserved(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "-_.~".indexOf(c) >= 0;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    private byte[] hmac(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }

    @Override
    public String toString() {
        return "AccessKey[" + id + ", secret hidden]";
    }
}
