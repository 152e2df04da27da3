package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes an event that corrects another, as the usage log has it.
 *
 * @param source of both events
 * @param subject of both events
 * @param time of the event that is corrected
 * @param decidedBy who decided it
 * @param why a sentence for a person
 */
public record UsageAmendmentWriter(String source, String subject, Instant time, String decidedBy, String why) {

    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Replaces the data of an event.
     *
     * @param id the amendment's own
     * @param event the whole event as it should have been, in JSON
     */
    public byte[] amend(String id, byte[] event) {
        return write(UsageAmendment.AMENDED_TYPE, id, json -> json.writeRawValue(new String(event, UTF_8)));
    }

    /**
     * Takes an event back.
     *
     * @param id the amendment's own
     */
    public byte[] withdraw(String id, String eventId, String eventType) {
        return write(UsageAmendment.VOIDED_TYPE, id, json -> {
            json.writeStartObject();
            json.writeStringProperty("id", eventId);
            json.writeStringProperty("type", eventType);
            json.writeEndObject();
        });
    }

    private interface Event {
        void to(JsonGenerator json);
    }

    private byte[] write(String type, String id, Event event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            json.writeStringProperty("specversion", "1.0");
            json.writeStringProperty("type", type);
            json.writeStringProperty("source", source);
            json.writeStringProperty("id", id);
            json.writeStringProperty("subject", subject);
            json.writeStringProperty("time", time.toString());
            json.writeName("data");
            json.writeStartObject();
            json.writeName("event");
            event.to(json);
            json.writeStringProperty("by", decidedBy);
            json.writeStringProperty("why", why);
            json.writeEndObject();
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }
}
