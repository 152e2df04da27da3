package io.hourledger.ingest.accept;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/** How a body is compressed. What it expands to is bounded, and takes room as it comes. */
enum ContentCoding {
    IDENTITY,
    GZIP,
    ZSTD;

    /** What RFC 9659 lets a sender use; more would be memory outside the heap that nothing bounds. */
    private static final int LARGEST_ZSTD_WINDOW_LOG = 23;

    private static final int PIECE = 16 * 1024;

    /** @throws RefusedRequest if the body is compressed in another way, or twice */
    static ContentCoding of(HttpServletRequest request) {
        String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        return switch (coding == null ? "identity" : coding.strip().toLowerCase(Locale.ROOT)) {
            case "identity", "" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "zstd" -> ZSTD;
            default ->
                throw new RefusedRequest(
                                HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                                Codes.UNSUPPORTED_MEDIA_TYPE,
                                "a body may be compressed by gzip or zstd, and not by " + coding)
                        .withHeader(HttpHeaders.ACCEPT_ENCODING, "gzip, zstd, identity");
        };
    }

    /** Why a body could not be expanded. */
    static final class NotExpanded extends Exception {
        private static final long serialVersionUID = 1L;

        private final Reason reason;

        NotExpanded(Reason reason) {
            super(reason.name(), null, false, false);
            this.reason = reason;
        }

        Reason reason() {
            return reason;
        }
    }

    enum Reason {
        TOO_LARGE,
        NO_ROOM,
        BROKEN
    }

    /**
     * The bytes that were compressed.
     *
     * @param room asked before bytes are kept, with their number
     */
    byte[] expand(byte[] body, int most, IntPredicate room) throws NotExpanded {
        if (this == IDENTITY) {
            return body;
        }
        ByteArrayOutputStream expanded = new ByteArrayOutputStream(Math.min(most, 4 * body.length + 64));
        byte[] piece = new byte[PIECE];
        try (InputStream in = stream(body)) {
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                if (expanded.size() + read > most) {
                    throw new NotExpanded(Reason.TOO_LARGE);
                }
                if (read > 0 && !room.test(read)) {
                    throw new NotExpanded(Reason.NO_ROOM);
                }
                expanded.write(piece, 0, read);
            }
        } catch (IOException broken) {
            throw new NotExpanded(Reason.BROKEN);
        }
        return expanded.toByteArray();
    }

    private InputStream stream(byte[] body) throws IOException {
        ByteArrayInputStream bytes = new ByteArrayInputStream(body);
        return switch (this) {
            case IDENTITY -> bytes;
            case GZIP -> new GzipMembers(body);
            case ZSTD -> {
                ZstdFrames.requireWhole(body);
                yield new ZstdInputStreamNoFinalizer(bytes).setLongMax(LARGEST_ZSTD_WINDOW_LOG);
            }
        };
    }
}
