package io.hourledger.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Instant;

/** Writes one usage as the bytes of a record, and reads it back: time, event type, value field, instance, amount. */
final class UsageCodec {

    /** Long enough for every usage that {@link CallChecks} lets pass. */
    static final int MAX_BYTES = 4096;

    private UsageCodec() {}

    /** The part of a record that is the same for all usage of a meter. */
    static byte[] encodeMeter(String eventType, String valueField) {
        byte[] type = eventType.getBytes(UTF_8);
        byte[] field = valueField.getBytes(UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(2 * Short.BYTES + type.length + field.length);
        put(bytes, type);
        put(bytes, field);
        return bytes.array();
    }

    static byte[] encode(Instant time, byte[] meter, String instance, String amount) {
        byte[] subject = instance.getBytes(UTF_8);
        byte[] digits = amount.getBytes(ISO_8859_1);
        ByteBuffer bytes = ByteBuffer.allocate(
                Long.BYTES + Integer.BYTES + meter.length + 2 * Short.BYTES + subject.length + digits.length);
        bytes.putLong(time.getEpochSecond()).putInt(time.getNano()).put(meter);
        put(bytes, subject);
        put(bytes, digits);
        return bytes.array();
    }

    /** The event of a record, as CloudEvents writes it in JSON. */
    static String event(byte[] record, String source, String id) {
        ByteBuffer bytes = ByteBuffer.wrap(record);
        Instant time = Instant.ofEpochSecond(bytes.getLong(), bytes.getInt());
        String type = text(bytes);
        String field = text(bytes);
        String instance = text(bytes);
        String amount = text(bytes);
        StringBuilder event = new StringBuilder(256).append("{\"specversion\":\"1.0\",\"source\":");
        JsonWriter.string(event, source);
        event.append(",\"id\":");
        JsonWriter.string(event, id);
        event.append(",\"type\":");
        JsonWriter.string(event, type);
        event.append(",\"subject\":");
        JsonWriter.string(event, instance);
        event.append(",\"time\":\"").append(time).append('"');
        if (!field.isEmpty()) {
            event.append(",\"data\":{");
            JsonWriter.string(event, field);
            event.append(':').append(amount).append('}');
        }
        return event.append('}').toString();
    }

    private static void put(ByteBuffer bytes, byte[] text) {
        bytes.putShort((short) text.length).put(text);
    }

    private static String text(ByteBuffer bytes) {
        byte[] text = new byte[bytes.getShort()];
        bytes.get(text);
        return new String(text, UTF_8);
    }
}
