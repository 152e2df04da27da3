package io.hourledger.pusher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A V1.0 call as the marketplace sends it, or nearly. */
record FirstGenerationCall(Map<String, String> parameters) {

    static final DateTimeFormatter TIME_STAMP = DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS");

    FirstGenerationCall {
        parameters = new TreeMap<>(parameters);
    }

    /** Sent now: the guard compares with the machine's time, which no test can set for the running service. */
    static FirstGenerationCall of(String activity, String... namesAndValues) {
        return at(Clock.systemUTC().instant(), ZoneOffset.UTC, activity, namesAndValues);
    }

    static FirstGenerationCall at(Instant moment, ZoneId zone, String activity, String... namesAndValues) {
        Map<String, String> parameters = new TreeMap<>();
        parameters.put("activity", activity);
        parameters.put("timeStamp", TIME_STAMP.withZone(zone).format(moment));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new FirstGenerationCall(parameters);
    }

    /** The token by this key. */
    String token(String key) {
        return token(key, value -> value);
    }

    /** The token by this key over the values as {@link #query} encodes them. */
    String tokenOfValuesAsTheyCome(String key) {
        return token(key, value -> URLEncoder.encode(value, UTF_8));
    }

    private String token(String key, UnaryOperator<String> form) {
        String text = parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + form.apply(parameter.getValue()))
                .collect(Collectors.joining("&"));
        return Base64.getEncoder().encodeToString(hmac(key + parameters.get("timeStamp"), text));
    }

    /** The query, signed, its parameters in ascending order. */
    String query() {
        return query(token(GalleryStub.KEY));
    }

    String query(String token) {
        return String.join("&", pairs(token));
    }

    /** Each parameter as it is sent. */
    List<String> pairs(String token) {
        List<String> pairs = new ArrayList<>();
        parameters.forEach((name, value) -> pairs.add(name + "=" + URLEncoder.encode(value, UTF_8)));
        pairs.add("authToken=" + URLEncoder.encode(token, UTF_8));
        return pairs;
    }

    private static byte[] hmac(String key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (java.security.GeneralSecurityException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
