package io.hourledger.ingest.accept;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Expands gzip (RFC 1952): members, one behind the other, up to the last byte. {@link java.util.zip.GZIPInputStream} ends in silence at a
 * member that it cannot read, and the events in and behind it would be lost.
 */
final class GzipMembers extends InputStream {

    private static final boolean WITHOUT_ZLIB_HEADER = true;
    private static final short MAGIC = (short) 0x8b1f;
    private static final byte DEFLATE = 8;
    private static final int TIME_AND_SYSTEM_BYTES = 6;
    private static final int HAS_CHECKSUM = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final ByteBuffer body;
    private final Inflater inflater = new Inflater(WITHOUT_ZLIB_HEADER);
    private final CRC32 checksum = new CRC32();

    GzipMembers(byte[] body) throws IOException {
        this.body = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        begin();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (true) {
            int read = inflate(into, offset, length);
            if (read > 0) {
                checksum.update(into, offset, read);
                return read;
            }
            if (!inflater.finished()) {
                throw new EOFException("the data ends too early");
            }
            end();
            if (!body.hasRemaining()) {
                return -1;
            }
            begin();
        }
    }

    private int inflate(byte[] into, int offset, int length) throws ZipException {
        try {
            return inflater.inflate(into, offset, length);
        } catch (DataFormatException malformed) {
            throw new ZipException(malformed.getMessage());
        }
    }

    private void begin() throws IOException {
        try {
            readHeader();
        } catch (BufferUnderflowException cut) {
            throw new EOFException("a header ends too early");
        }
        checksum.reset();
        inflater.reset();
        inflater.setInput(body);
    }

    private void readHeader() throws ZipException {
        int start = body.position();
        if (body.getShort() != MAGIC || body.get() != DEFLATE) {
            throw new ZipException("no member begins here");
        }
        int flags = body.get();
        if ((flags & RESERVED) != 0) {
            throw new ZipException("unknown flags");
        }
        skip(TIME_AND_SYSTEM_BYTES);
        if ((flags & HAS_EXTRA) != 0) {
            skip(Short.toUnsignedInt(body.getShort()));
        }
        skipText(flags & HAS_NAME);
        skipText(flags & HAS_COMMENT);
        if ((flags & HAS_CHECKSUM) != 0) {
            CRC32 header = new CRC32();
            header.update(body.array(), start, body.position() - start);
            if (body.getShort() != (short) header.getValue()) {
                throw new ZipException("a header has another checksum");
            }
        }
    }

    private void skip(int bytes) {
        if (bytes > body.remaining()) {
            throw new BufferUnderflowException();
        }
        body.position(body.position() + bytes);
    }

    private void skipText(int flag) {
        while (flag != 0 && body.get() != 0) {
            // up to the zero that ends it
        }
    }

    private void end() throws IOException {
        try {
            if (body.getInt() != (int) checksum.getValue() || body.getInt() != (int) inflater.getBytesWritten()) {
                throw new ZipException("a member has another checksum or length");
            }
        } catch (BufferUnderflowException cut) {
            throw new EOFException("a member ends too early");
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
