package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.usage.UsageEventLimits;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * An event in CloudEvents' binary mode: the attributes as {@code ce-} headers, the data as the body. The log keeps events in one form, so the
 * event is written as JSON here, the data with the app's own bytes; the reader judges the result like any other. Data that is not JSON by its
 * content type becomes {@code data_base64}.
 */
final class BinaryMode {

    private static final String PREFIX = "ce-";
    private static final String DATA = "data";
    private static final Set<String> READ_HERE =
            Set.of("specversion", "source", "id", "type", "subject", "time", "datacontenttype", "dataschema");

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(UsageEventLimits.MAX_JSON_DEPTH)
                    .build())
            .build();

    private BinaryMode() {}

    static boolean hasAttributes(HttpServletRequest request) {
        return !attributeNames(request).isEmpty();
    }

    static byte[] asStructured(HttpServletRequest request, byte[] data) {
        SortedMap<String, String> attributes = attributes(request);
        String contentType = request.getContentType();
        boolean isJson = RequestForm.isJson(contentType);
        if (!isJson) {
            attributes.put("datacontenttype", contentType);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256 + data.length);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            attributes.forEach(json::writeStringProperty);
            if (data.length > 0 && !isJson) {
                json.writeStringProperty("data_base64", Base64.getEncoder().encodeToString(data));
            } else if (data.length > 0) {
                requireOneJsonValue(data);
                json.writeName(DATA);
                json.writeRawValue("");
                json.flush();
                bytes.writeBytes(data);
            }
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static SortedMap<String, String> attributes(HttpServletRequest request) {
        SortedMap<String, String> attributes = new TreeMap<>();
        for (String header : attributeNames(request)) {
            String name = header.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
            List<String> values = Collections.list(request.getHeaders(header));
            if (name.isEmpty() || name.equals(DATA) || name.equals("data_base64") || values.size() != 1) {
                throw invalid(header, "the header " + header + " must be there once and name an attribute");
            }
            attributes.put(name, READ_HERE.contains(name) ? decoded(header, values.get(0)) : lenient(values.get(0)));
        }
        return attributes;
    }

    private static List<String> attributeNames(HttpServletRequest request) {
        return Collections.list(request.getHeaderNames()).stream()
                .filter(name -> name.regionMatches(true, 0, PREFIX, 0, PREFIX.length()))
                .distinct()
                .toList();
    }

    /** An extension that nobody reads is kept as it came where it is not encoded as it should be, as some SDKs do not. */
    private static String lenient(String value) {
        try {
            return decoded("", value);
        } catch (RefusedRequest notEncoded) {
            return value;
        }
    }

    /**
     * As CloudEvents' HTTP binding asks: quotes around a value are taken away, then percent signs decoded, strictly. Two ids must never
     * become one because what is not text was replaced.
     */
    private static String decoded(String header, String value) {
        String encoded = unquoted(value);
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c < ' ' || c > '~') {
                throw invalid(
                        header, "the header " + header + " must be percent-encoded where it is not printable ASCII");
            }
            if (c != '%') {
                bytes.put((byte) c);
                continue;
            }
            int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
            int low = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw invalid(
                        header, "the header " + header + " has a percent sign that does not start an encoded byte");
            }
            bytes.put((byte) (high << 4 | low));
            i += 2;
        }
        try {
            return UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException notText) {
            throw invalid(header, "the header " + header + " is not UTF-8 once decoded");
        }
    }

    private static String unquoted(String value) {
        if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
            return value;
        }
        return value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1");
    }

    /** What is spliced in must not be able to add members of its own. */
    private static void requireOneJsonValue(byte[] data) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), data)) {
            if (json.nextToken() != null) {
                json.skipChildren();
                if (json.nextToken() == null) {
                    return;
                }
            }
        } catch (JacksonException notJson) {
            throw notOneValue();
        }
        throw notOneValue();
    }

    private static RefusedRequest notOneValue() {
        return new RefusedRequest(
                HttpStatus.BAD_REQUEST, "not_json", "the body must be one JSON value: the event's data", DATA);
    }

    private static RefusedRequest invalid(String header, String detail) {
        return new RefusedRequest(HttpStatus.BAD_REQUEST, Codes.INVALID_HEADER, detail, header);
    }
}
