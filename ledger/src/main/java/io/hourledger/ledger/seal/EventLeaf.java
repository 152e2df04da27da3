package io.hourledger.ledger.seal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ledger.store.EventDigests;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * One event as a leaf of the {@link MerkleTree}: its fields, each behind its length in 4 bytes. The digest is among them. Nobody can guess a
 * digest without the key, so the hash of a leaf says nothing of an event that is not disclosed.
 */
final class EventLeaf {

    /** What a query selects, in the order that {@link #of} reads. */
    static final String COLUMNS = "instance_id, sequence_number, event_type, revision, payload::text, digest";

    private final String instanceId;
    private final long sequenceNumber;
    private final String type;
    private final int revision;
    private final String payload;
    private final byte @Nullable [] digest;

    private EventLeaf(ResultSet row) throws SQLException {
        this.instanceId = row.getString(1);
        this.sequenceNumber = row.getLong(2);
        this.type = row.getString(3);
        this.revision = row.getInt(4);
        this.payload = canonical(row.getString(5));
        this.digest = row.getBytes(6);
    }

    static EventLeaf of(ResultSet row) throws SQLException {
        return new EventLeaf(row);
    }

    String instanceId() {
        return instanceId;
    }

    long sequenceNumber() {
        return sequenceNumber;
    }

    String type() {
        return type;
    }

    int revision() {
        return revision;
    }

    /** In its one spelling. */
    String payload() {
        return payload;
    }

    /** Null if it was appended before the ledger had a key. */
    byte @Nullable [] digest() {
        return digest;
    }

    /** A payload that is no object any more is taken as it stands: it must not stop the sealing of all others. */
    private static String canonical(String payload) {
        try {
            return EventDigests.canonical(payload);
        } catch (JacksonException noLongerAnEvent) {
            return payload;
        }
    }

    byte[] bytes() {
        byte[][] fields = {
            instanceId.getBytes(UTF_8),
            ByteBuffer.allocate(Long.BYTES).putLong(sequenceNumber).array(),
            type.getBytes(UTF_8),
            ByteBuffer.allocate(Integer.BYTES).putInt(revision).array(),
            payload.getBytes(UTF_8),
            digest == null ? new byte[0] : digest
        };
        int length = 0;
        for (byte[] field : fields) {
            length += Integer.BYTES + field.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (byte[] field : fields) {
            bytes.putInt(field.length).put(field);
        }
        return bytes.array();
    }
}
