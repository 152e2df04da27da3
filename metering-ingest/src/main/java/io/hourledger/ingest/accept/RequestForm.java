package io.hourledger.ingest.accept;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** The forms in which events come. As CloudEvents' HTTP binding asks, binary mode is all that does not name another form. */
enum RequestForm {
    ONE,
    BATCH,
    LINES,
    BINARY;

    private static final String CLOUD_EVENTS = "application/cloudevents";
    private static final String ONE_TYPE = "application/cloudevents+json";
    private static final String BATCH_TYPE = "application/cloudevents-batch+json";
    private static final Set<String> LINE_TYPES =
            Set.of("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines");

    /** Whether the request holds one event and not a list. */
    boolean single() {
        return this == ONE || this == BINARY;
    }

    /** @throws RefusedRequest if the content type names a form that is not known, or none and there is no attribute either */
    static RequestForm of(HttpServletRequest request) {
        String type = essence(request.getContentType());
        if (type.equals(ONE_TYPE)) {
            return ONE;
        }
        if (type.equals(BATCH_TYPE)) {
            return BATCH;
        }
        if (LINE_TYPES.contains(type)) {
            return LINES;
        }
        if (type.startsWith(CLOUD_EVENTS)) {
            throw unsupported("of CloudEvents' formats JSON is read: " + ONE_TYPE + " or " + BATCH_TYPE);
        }
        if (!BinaryMode.hasAttributes(request)) {
            throw unsupported(
                    "a whole event in the body is " + ONE_TYPE + ", several are " + BATCH_TYPE
                            + " or application/x-ndjson; with any other content type the event's attributes come as ce- headers");
        }
        return BINARY;
    }

    /** Whether a body of this content type is JSON; so it is without one. */
    static boolean isJson(@Nullable String contentType) {
        String type = essence(contentType);
        return type.isEmpty() || type.endsWith("/json") || type.endsWith("+json");
    }

    /** The type and subtype in lower case; empty if there are none. */
    private static String essence(@Nullable String contentType) {
        if (contentType == null) {
            return "";
        }
        int parameters = contentType.indexOf(';');
        String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
        return type.strip().toLowerCase(Locale.ROOT);
    }

    private static RefusedRequest unsupported(String detail) {
        return new RefusedRequest(HttpStatus.UNSUPPORTED_MEDIA_TYPE, Codes.UNSUPPORTED_MEDIA_TYPE, detail);
    }
}
