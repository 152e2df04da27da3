package io.hourledger.ledger.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * HMAC-SHA256 over an event and the digest of its predecessor in its instance's stream. Whoever can write to the database but has not the key can
 * neither change an event nor recompute the chain behind it. Safe for several threads.
 */
public final class EventDigests {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int MIN_KEY_CHARS = 16;
    private static final byte[] FIRST = {};

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final ThreadLocal<Mac> macs;

    /**
     * @param key from the configuration, never from the database
     */
    public EventDigests(String key) {
        if (key.length() < MIN_KEY_CHARS) {
            throw new IllegalArgumentException(
                    "hourledger.ledger.digest-key must have at least " + MIN_KEY_CHARS + " characters");
        }
        SecretKeySpec secret = new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM);
        this.macs = ThreadLocal.withInitial(() -> mac(secret));
    }

    /**
     * @param predecessor the digest of the event before; null for the first that has one
     * @param payload as JSON, in whatever order and spacing
     * @throws JacksonException if it is not a JSON object
     */
    public byte[] of(
            byte @Nullable [] predecessor,
            String instanceId,
            long sequenceNumber,
            String type,
            int revision,
            String payload) {
        // before anything is fed: it may throw, and what was fed would go into this thread's next digest
        byte[] content = text(canonical(payload));
        Mac mac = macs.get();
        field(mac, predecessor == null ? FIRST : predecessor);
        field(mac, text(instanceId));
        field(mac, ByteBuffer.allocate(Long.BYTES).putLong(sequenceNumber).array());
        field(mac, text(type));
        field(mac, ByteBuffer.allocate(Integer.BYTES).putInt(revision).array());
        field(mac, content);
        return mac.doFinal();
    }

    /** The head of the chain over all events in the order of the feed, after one more event. */
    public byte[] chain(byte[] head, String instanceId, long sequenceNumber, byte @Nullable [] digest) {
        Mac mac = macs.get();
        field(mac, head);
        field(mac, text(instanceId));
        field(mac, ByteBuffer.allocate(Long.BYTES).putLong(sequenceNumber).array());
        field(mac, digest == null ? FIRST : digest);
        return mac.doFinal();
    }

    /** With its length in front, so that no two sequences of fields have the same bytes. */
    private static void field(Mac mac, byte[] bytes) {
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        mac.update(bytes);
    }

    /**
     * The one spelling of a payload, whatever the database did to white space and order: members sorted at every depth, no white space.
     *
     * @throws JacksonException if it is not a JSON object
     */
    public static String canonical(String payload) {
        Map<?, ?> members = MAPPER.readValue(payload, Map.class);
        return MAPPER.writeValueAsString(members);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Ready for a first message, and by each {@code doFinal} for the next. */
    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
