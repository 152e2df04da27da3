package io.hourledger.ingest.accept;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/** One answer, ready to be sent: a success as JSON, anything else as a problem of RFC 9457. */
final class JsonAnswer {

    private static final JsonFactory JSON = new JsonFactory();

    private final HttpStatus status;
    private final String contentType;
    private final byte[] body;
    private final Map<String, String> headers = new LinkedHashMap<>();

    private JsonAnswer(HttpStatus status, String contentType, byte[] body) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
    }

    static JsonAnswer success(HttpStatus status, Consumer<JsonGenerator> members) {
        return new JsonAnswer(status, "application/json", object(members));
    }

    /** @param members of the problem, beside those of every problem */
    static JsonAnswer problem(HttpStatus status, String code, String detail, Consumer<JsonGenerator> members) {
        return new JsonAnswer(status, "application/problem+json", object(json -> {
            json.writeStringProperty("type", Problems.type(code).toString());
            json.writeStringProperty("title", status.getReasonPhrase());
            json.writeNumberProperty("status", status.value());
            json.writeStringProperty("detail", detail);
            json.writeStringProperty("code", code);
            members.accept(json);
        }));
    }

    JsonAnswer with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    void writeTo(HttpServletResponse response) throws IOException {
        response.setStatus(status.value());
        headers.forEach(response::setHeader);
        response.setContentType(contentType);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    private static byte[] object(Consumer<JsonGenerator> members) {
        ByteArrayBuilder bytes = new ByteArrayBuilder();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            members.accept(json);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }
}
