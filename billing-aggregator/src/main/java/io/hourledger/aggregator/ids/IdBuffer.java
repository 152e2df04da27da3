package io.hourledger.aggregator.ids;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Identities in a row, 16 bytes each, as rows and blocks of the database hold them: the names' hash first, then the content. */
public final class IdBuffer {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int length;

    public IdBuffer(int ids) {
        bytes = new byte[Math.multiplyExact(Math.max(ids, 1), EventIdentity.BYTES)];
    }

    public void add(long high, int low, int content) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.multiplyExact(length, 2));
        }
        LONGS.set(bytes, length, high);
        LONGS.set(bytes, length + Long.BYTES, ((long) low << 32) | (content & 0xffffffffL));
        length += EventIdentity.BYTES;
    }

    public int size() {
        return length / EventIdentity.BYTES;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** The first 64 bits of the names' hash of the id that begins at {@code position}. */
    public static long highAt(byte[] ids, int position) {
        return (long) LONGS.get(ids, position);
    }

    /** The other 32 bits of the names' hash of the id that begins at {@code position}. */
    public static int lowAt(byte[] ids, int position) {
        return (int) ((long) LONGS.get(ids, position + Long.BYTES) >>> 32);
    }

    public static int contentAt(byte[] ids, int position) {
        return (int) (long) LONGS.get(ids, position + Long.BYTES);
    }
}
