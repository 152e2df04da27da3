package io.hourledger.ingest.accept;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the {@code Prefer} headers of a request, as RFC 7240 has them. Of a preference that comes twice the first counts. One that is not
 * understood is as if it were not there.
 */
final class Preferences {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    /** One preference without its parameters; its value is a token or a quoted string. */
    private static final Pattern PREFERENCE = Pattern.compile("[ \\t]*(?<name>" + TOKEN
            + ")[ \\t]*(?:=[ \\t]*(?:(?<token>" + TOKEN + ")|\"(?<quoted>(?:[^\"\\\\]|\\\\.)*)\")?[ \\t]*)?");

    /** As if nothing was preferred. */
    static final Preferences NONE = new Preferences(List.of());

    private static final String MINIMAL = "return=minimal";
    private static final String LENIENT = "handling=lenient";

    private final Map<String, String> valuesByName = new HashMap<>();

    /** Reads the values of all {@code Prefer} headers, in order. */
    Preferences(List<String> headers) {
        for (String preference : split(String.join(",", headers), ',')) {
            Matcher read = PREFERENCE.matcher(split(preference, ';').get(0));
            if (read.matches()) {
                valuesByName.putIfAbsent(read.group("name").toLowerCase(Locale.ROOT), valueOf(read));
            }
        }
    }

    /** Whether the answer to a batch shall leave out what was accepted. */
    boolean minimal() {
        return "minimal".equals(valuesByName.get("return"));
    }

    /** Whether the sender reads the items of a batch, so that some of them may be rejected under a status of success. */
    boolean lenient() {
        return "lenient".equals(valuesByName.get("handling"));
    }

    /** The value of {@code Preference-Applied}; empty when no preference shaped the answer. */
    static String applied(boolean minimal, boolean lenient) {
        List<String> applied = new ArrayList<>();
        if (minimal) {
            applied.add(MINIMAL);
        }
        if (lenient) {
            applied.add(LENIENT);
        }
        return String.join(", ", applied);
    }

    private static String valueOf(Matcher read) {
        if (read.group("token") != null) {
            return read.group("token");
        }
        return read.group("quoted") == null ? "" : read.group("quoted").replaceAll("\\\\(.)", "$1");
    }

    /** Cuts at a separator that stands outside quotes. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return Collections.unmodifiableList(parts);
    }
}
