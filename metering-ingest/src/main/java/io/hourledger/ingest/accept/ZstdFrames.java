package io.hourledger.ingest.accept;

import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.ZipException;

/**
 * Walks the frames of a zstd body (RFC 8878) without expanding them. The stream of zstd-jni ends in silence at a last frame of which only
 * the first few bytes are there, and its events would be lost.
 */
final class ZstdFrames {

    private static final int MAGIC = 0xfd2fb528;
    private static final int SKIPPABLE = 0x184d2a50;
    private static final int SKIPPABLE_MASK = 0xfffffff0;
    private static final int SINGLE_SEGMENT = 0x20;
    private static final int HAS_CHECKSUM = 4;
    private static final int[] DICTIONARY_BYTES = {0, 1, 2, 4};
    private static final int[] SIZE_BYTES = {0, 2, 4, 8};
    private static final int BLOCK_OF_ONE_BYTE = 1;

    private final ByteBuffer body;

    private ZstdFrames(byte[] body) {
        this.body = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** @throws IOException if the body is anything but whole frames */
    static void requireWhole(byte[] body) throws IOException {
        ZstdFrames frames = new ZstdFrames(body);
        try {
            while (frames.body.hasRemaining()) {
                frames.skipFrame();
            }
        } catch (BufferUnderflowException cut) {
            throw new EOFException("a frame ends too early");
        }
    }

    private void skipFrame() throws ZipException {
        int magic = body.getInt();
        if ((magic & SKIPPABLE_MASK) == SKIPPABLE) {
            skip(Integer.toUnsignedLong(body.getInt()));
        } else if (magic == MAGIC) {
            int descriptor = Byte.toUnsignedInt(body.get());
            skip(headerBytes(descriptor));
            skipBlocks();
            skip((descriptor & HAS_CHECKSUM) == 0 ? 0 : Integer.BYTES);
        } else {
            throw new ZipException("no frame begins here");
        }
    }

    private static int headerBytes(int descriptor) {
        boolean single = (descriptor & SINGLE_SEGMENT) != 0;
        int size = descriptor >> 6;
        int windowOrSize = single && size != 0 ? 0 : 1; // a single segment has no window, and at least one byte of size
        return windowOrSize + DICTIONARY_BYTES[descriptor & 3] + SIZE_BYTES[size];
    }

    private void skipBlocks() {
        boolean last = false;
        while (!last) {
            int header = Short.toUnsignedInt(body.getShort()) | Byte.toUnsignedInt(body.get()) << 16;
            last = (header & 1) != 0;
            skip((header >> 1 & 3) == BLOCK_OF_ONE_BYTE ? 1 : header >> 3);
        }
    }

    private void skip(long bytes) {
        if (bytes > body.remaining()) {
            throw new BufferUnderflowException();
        }
        body.position(body.position() + (int) bytes);
    }
}
