package io.hourledger.pusher.koogallery.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a call, by name. Two of one name, or bytes that are no UTF-8, make a query unreadable: no reader could be
 * sure to read what was signed.
 *
 * @param values decoded
 * @param asTheyCame the same values, not decoded
 */
record QueryParameters(SortedMap<String, String> values, SortedMap<String, String> asTheyCame) {

    private static final int MAX_PARAMETERS = 64;

    /** What buyers say of themselves (koogallery.md, section 4.5): personal, and nothing here acts on it. */
    private static final Set<String> PERSONAL =
            Set.of("customerName", "userName", "email", "mobilePhone", "saasExtendParams");

    QueryParameters {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        asTheyCame = Collections.unmodifiableSortedMap(new TreeMap<>(asTheyCame));
    }

    /**
     * Reads a query as it came.
     *
     * @return empty if it cannot be read
     */
    static Optional<QueryParameters> read(@Nullable String query) {
        SortedMap<String, String> values = new TreeMap<>();
        SortedMap<String, String> asTheyCame = new TreeMap<>();
        for (String part : query == null ? new String[0] : query.split("&", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String name = decoded(equals < 0 ? part : part.substring(0, equals));
            String asItCame = equals < 0 ? "" : part.substring(equals + 1);
            String value = decoded(asItCame);
            if (name == null || value == null || values.put(name, value) != null || values.size() > MAX_PARAMETERS) {
                return Optional.empty();
            }
            asTheyCame.put(name, asItCame);
        }
        return Optional.of(new QueryParameters(values, asTheyCame));
    }

    @Nullable String get(String name) {
        return values.get(name);
    }

    /** All but one, {@code name=value} in ascending order of the names, with {@code &} between. */
    String joinedWithout(String name) {
        return joined(values, parameter -> !parameter.equals(name));
    }

    /** The same, with the values as they came. */
    String asItCameWithout(String name) {
        return joined(asTheyCame, parameter -> !parameter.equals(name));
    }

    /** Whether decoding changes nothing of all values but one, and but what buyers say of themselves. */
    boolean saysTheSameAsItCame(String except) {
        return values.entrySet().stream()
                .filter(parameter -> !parameter.getKey().equals(except) && !PERSONAL.contains(parameter.getKey()))
                .allMatch(parameter -> parameter.getValue().equals(asTheyCame.get(parameter.getKey())));
    }

    /** What is kept of the call: all but what buyers say of themselves. */
    String withoutPersonalData() {
        return joined(asTheyCame, parameter -> !PERSONAL.contains(parameter));
    }

    private static String joined(SortedMap<String, String> values, Predicate<String> which) {
        return values.entrySet().stream()
                .filter(parameter -> which.test(parameter.getKey()))
                .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                .collect(Collectors.joining("&"));
    }

    /** Null if it is not percent-encoded UTF-8; {@code +} is a space, as in a form. */
    private static @Nullable String decoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int octet = octet(text, i + 1);
                if (octet < 0) {
                    return null;
                }
                bytes.write(octet);
                i += 2;
            } else if (c > 0x7e) {
                return null;
            } else {
                bytes.write(c == '+' ? ' ' : c);
            }
        }
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException noUtf8) {
            return null;
        }
    }

    /** The value of two hex digits; -1 if they are none. */
    private static int octet(String text, int at) {
        if (at + 2 > text.length()) {
            return -1;
        }
        int high = hexDigit(text.charAt(at));
        int low = hexDigit(text.charAt(at + 1));
        return high < 0 || low < 0 ? -1 : 16 * high + low;
    }

    private static int hexDigit(char c) {
        return HexFormat.isHexDigit(c) ? HexFormat.fromHexDigit(c) : -1;
    }
}
