package io.hourledger.standalone.traffic;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lines of bytes, read as ISO 8859-1 (an access log is bytes: agents write what they like). A line longer than the bound comes back cut
 * to one byte more than it, so that it can be told, and holds no more memory than that.
 */
final class BoundedLines implements AutoCloseable {

    private final InputStream in;
    private final byte[] line;
    private final int bound;
    private boolean cut;

    BoundedLines(InputStream in, int bound) {
        this.in = new BufferedInputStream(in, 1 << 16);
        this.bound = bound;
        this.line = new byte[bound + 1];
    }

    /** The next line without its end (LF or CR LF), or null behind the last one. */
    @Nullable String next() throws IOException {
        int length = 0;
        int read = in.read();
        if (read < 0) {
            return null;
        }
        while (read >= 0 && read != '\n') {
            if (length <= bound) {
                line[length++] = (byte) read;
            }
            read = in.read();
        }
        cut = read < 0;
        if (length > 0 && length <= bound && line[length - 1] == '\r') {
            length--;
        }
        return new String(line, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** Whether the line that {@link #next} gave last ended with the file, without a line end of its own. */
    boolean lastWasCut() {
        return cut;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
