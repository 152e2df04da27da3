package io.hourledger.ingest.accept;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** W3C Trace Context's {@code traceparent}. One that is malformed is ignored, as the specification asks: usage counts without it. */
final class TraceParent {

    static final String HEADER = "traceparent";

    /** Version 00. Of later versions the same members are read, and what follows them is cut off. */
    private static final Pattern FORM = Pattern.compile("(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

    private static final int LENGTH = 55;
    private static final String FIRST_VERSION = "00";
    private static final String NO_TRACE = "-" + "0".repeat(32) + "-";
    private static final String NO_PARENT = "-" + "0".repeat(16) + "-";

    private TraceParent() {}

    /** The value, if the header came once and is well formed. */
    static Optional<String> of(List<String> values) {
        if (values.size() != 1 || values.getFirst().length() < LENGTH) {
            return Optional.empty();
        }
        String whole = values.getFirst();
        String read = whole.substring(0, LENGTH);
        boolean rest = whole.length() > LENGTH;
        boolean restAllowed = !read.startsWith(FIRST_VERSION) && rest && whole.charAt(LENGTH) == '-';
        boolean wellFormed = FORM.matcher(read).matches() && !read.contains(NO_TRACE) && !read.contains(NO_PARENT);
        return wellFormed && (!rest || restAllowed) ? Optional.of(read) : Optional.empty();
    }
}
