package io.hourledger.standalone.traffic;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Expands gzip (RFC 1952) to the file's last byte. {@link GZIPInputStream} alone ends in silence at a second member that it cannot read,
 * and the lines in and behind it would be lost.
 */
final class WholeGzip extends GZIPInputStream {

    private static final int TRAILER_BYTES = 8;

    private final Counted file;
    private long countAtFill;

    WholeGzip(InputStream in) throws IOException {
        this(new Counted(in));
    }

    private WholeGzip(Counted file) throws IOException {
        super(file);
        this.file = file;
        countAtFill = file.bytes;
    }

    @Override
    protected void fill() throws IOException {
        super.fill();
        countAtFill = file.bytes;
    }

    /** @throws ZipException if something stands behind the last member that could be read */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        if (read < 0 && inf.getRemaining() + file.bytes - countAtFill != TRAILER_BYTES) {
            throw new ZipException("there is something behind its end that cannot be unpacked");
        }
        return read;
    }

    /** Counts what was read of the file: the last member's trailer may lie beyond what was filled in. */
    private static final class Counted extends FilterInputStream {

        private long bytes;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            bytes += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            bytes += Math.max(read, 0);
            return read;
        }
    }
}
