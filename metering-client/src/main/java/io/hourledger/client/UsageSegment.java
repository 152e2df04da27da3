package io.hourledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Holds recorded usage in a stretch of memory, or of a file that is mapped into memory. A record is whole as soon as its length is there,
 * which is written last; so a process that is killed at any moment leaves whole records and at most one that does not count.
 *
 * <p>A segment has a header (magic, 128 random bits, source, checksum), then records, each at a multiple of 8: length, checksum, state,
 * payload. The checksum covers the segment's random bits and the record's place, so nothing else passes for a record. The id of an event is
 * the segment's random bits and the record's place. It is made once, and the same after a restart.
 *
 * <p>The buffer's lock guards all but {@link #force}.
 */
final class UsageSegment {

    static final int HEADER_BYTES = 1024;

    private static final long MAGIC = 0x484c_5553_4147_4531L; // HLUSAGE1
    private static final int ID_AT = 8;
    private static final int HEADER_CHECKSUM_AT = 24;
    private static final int SOURCE_LENGTH_AT = 28;
    private static final int SOURCE_AT = 32;

    private static final int CHECKSUM_AT = 4;
    private static final int STATE_AT = 8;
    private static final int PAYLOAD_AT = 12;
    private static final int ALIGNMENT = 8;
    private static final int DONE = 1;
    private static final int READ = 2;

    private final ByteBuffer bytes;
    private final UUID id;
    private final String source;
    private final boolean left;

    /** Where the next record is written; all before it can be read. */
    private volatile int end;

    private int waiting;
    private int readUpTo = HEADER_BYTES;

    /** What a process that was killed has left may never have reached the disk, so for it this is no more than the header. */
    private volatile int forcedUpTo = HEADER_BYTES;

    private UsageSegment(ByteBuffer bytes, UUID id, String source, boolean left) {
        this.bytes = bytes;
        this.id = id;
        this.source = source;
        this.left = left;
        this.end = HEADER_BYTES;
    }

    /** A new one over bytes that are all zero. */
    static UsageSegment create(ByteBuffer bytes, UUID id, String source) {
        byte[] name = source.getBytes(UTF_8);
        bytes.putLong(ID_AT, id.getMostSignificantBits())
                .putLong(ID_AT + Long.BYTES, id.getLeastSignificantBits())
                .putInt(SOURCE_LENGTH_AT, name.length)
                .put(SOURCE_AT, name)
                .putInt(HEADER_CHECKSUM_AT, headerChecksum(bytes, name.length));
        VarHandle.releaseFence();
        bytes.putLong(0, MAGIC);
        return new UsageSegment(bytes, id, source, false);
    }

    /** What a process has left. */
    record Left(UsageSegment segment, boolean damaged) {}

    /** Opens what a process has left; empty if not even the header is whole, and so the source is not known. */
    static Optional<Left> recover(ByteBuffer bytes) {
        if (bytes.capacity() < HEADER_BYTES || bytes.getLong(0) != MAGIC) {
            return Optional.empty();
        }
        int length = bytes.getInt(SOURCE_LENGTH_AT);
        if (length < 0
                || length > HEADER_BYTES - SOURCE_AT
                || bytes.getInt(HEADER_CHECKSUM_AT) != headerChecksum(bytes, length)) {
            return Optional.empty();
        }
        byte[] name = new byte[length];
        bytes.get(SOURCE_AT, name);
        UUID id = new UUID(bytes.getLong(ID_AT), bytes.getLong(ID_AT + Long.BYTES));
        return Optional.of(new UsageSegment(bytes, id, new String(name, UTF_8), true).scan());
    }

    /**
     * Looks at every place where a record can begin, so that a damaged one hides none behind it. Bytes without a length behind the last
     * record are no damage: a call that never returned has left them.
     */
    private Left scan() {
        boolean damaged = false;
        int at = HEADER_BYTES;
        while (at + ALIGNMENT <= bytes.capacity()) {
            if (isRecord(at)) {
                waiting += isDone(at) ? 0 : 1;
                damaged |= at != end;
                at += size(bytes.getInt(at));
                end = at;
            } else {
                at += ALIGNMENT;
            }
        }
        damaged |= end + Integer.BYTES <= bytes.capacity() && bytes.getInt(end) != 0;
        return new Left(this, damaged);
    }

    private boolean isRecord(int at) {
        int length = bytes.getInt(at);
        if (length <= 0 || length > UsageCodec.MAX_BYTES || at + PAYLOAD_AT + length > bytes.capacity()) {
            return false;
        }
        byte[] payload = new byte[length];
        bytes.get(at + PAYLOAD_AT, payload);
        return bytes.getInt(at + CHECKSUM_AT) == checksum(at, payload);
    }

    /** Adds a record; false if there is no room for it. */
    boolean append(byte[] payload) {
        int at = end;
        int next = at + size(payload.length);
        if (next > bytes.capacity()) {
            return false;
        }
        bytes.put(at + PAYLOAD_AT, payload);
        bytes.putInt(at + CHECKSUM_AT, checksum(at, payload));
        VarHandle.releaseFence();
        bytes.putInt(at, payload.length);
        end = next;
        waiting++;
        return true;
    }

    /** The next record that was not read yet and has no answer, if there is one. Whoever reads it may send it, so it is marked. */
    Optional<BufferedUsage> read(long number) {
        while (readUpTo < end) {
            int at = readUpTo;
            if (isRecord(at)) {
                readUpTo += size(bytes.getInt(at));
                if (!isDone(at)) {
                    return Optional.of(usageAt(at, number));
                }
            } else {
                readUpTo += ALIGNMENT;
            }
        }
        return Optional.empty();
    }

    /** Whether another process has recorded what is in it. */
    boolean isLeft() {
        return left;
    }

    private boolean isDone(int at) {
        return bytes.getInt(at + STATE_AT) == DONE;
    }

    /** Says of a record that it has its answer; it is never sent again, by no process. */
    void markDone(int at) {
        bytes.putInt(at + STATE_AT, DONE);
        waiting--;
    }

    /** How many records have no answer. */
    int waiting() {
        return waiting;
    }

    /** Makes what was appended outlive the machine. */
    void force() {
        int upTo = end;
        if (!isForced() && bytes instanceof MappedByteBuffer mapped) {
            mapped.force();
            forcedUpTo = upTo;
        }
    }

    boolean isForced() {
        return forcedUpTo >= end;
    }

    int capacity() {
        return bytes.capacity();
    }

    /** Copies the bytes and no more: callers wait while the buffer is read. */
    private BufferedUsage usageAt(int at, long number) {
        byte[] payload = new byte[bytes.getInt(at)];
        bytes.get(at + PAYLOAD_AT, payload);
        boolean readBefore = bytes.getInt(at + STATE_AT) == READ;
        bytes.putInt(at + STATE_AT, READ);
        return new BufferedUsage(this, at, number, payload, readBefore);
    }

    String idAt(int place) {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(id.getMostSignificantBits())
                + hex.toHexDigits(id.getLeastSignificantBits())
                + "-" + place;
    }

    String source() {
        return source;
    }

    private int checksum(int at, byte[] payload) {
        CRC32C checksum = new CRC32C();
        checksum.update(payload, 0, payload.length);
        // what was a record at another place, or in another segment, is none here
        return (int) checksum.getValue() ^ Long.hashCode(id.getMostSignificantBits() + at);
    }

    private static int headerChecksum(ByteBuffer bytes, int sourceLength) {
        byte[] header = new byte[2 * Long.BYTES + Integer.BYTES + sourceLength];
        bytes.get(ID_AT, header, 0, 2 * Long.BYTES);
        bytes.get(SOURCE_LENGTH_AT, header, 2 * Long.BYTES, Integer.BYTES + sourceLength);
        CRC32C checksum = new CRC32C();
        checksum.update(header, 0, header.length);
        return (int) checksum.getValue();
    }

    private static int size(int payloadLength) {
        return (PAYLOAD_AT + payloadLength + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
