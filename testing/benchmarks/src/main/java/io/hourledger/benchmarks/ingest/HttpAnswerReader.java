package io.hourledger.benchmarks.ingest;

import java.nio.ByteBuffer;
import java.util.Locale;

/** Finds the end of each HTTP/1.1 answer on one connection, and its status; what its body says is passed over. */
final class HttpAnswerReader {

    private static final int STATUS_FROM = "HTTP/1.1 ".length();
    private static final int STATUS_TO = STATUS_FROM + 3;
    private static final String LENGTH = "content-length:";
    private static final String CHUNKED = "transfer-encoding: chunked";

    private enum Reading {
        HEAD,
        BODY,
        CHUNK_SIZE,
        CHUNK,
        LAST_LINE
    }

    private final StringBuilder line = new StringBuilder();
    private Reading reading = Reading.HEAD;
    private int status;
    private long left;
    private boolean chunked;

    /** Reads on; true if that was the end of an answer. */
    boolean read(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (reading == Reading.BODY || reading == Reading.CHUNK) {
                int skipped = (int) Math.min(left, bytes.remaining());
                bytes.position(bytes.position() + skipped);
                left -= skipped;
                if (left == 0 && reading == Reading.BODY) {
                    return ended();
                }
                reading = left == 0 ? Reading.CHUNK_SIZE : reading;
            } else {
                char next = (char) bytes.get();
                if (next != '\n') {
                    line.append(next);
                } else if (readLine()) {
                    return ended();
                }
            }
        }
        return false;
    }

    /** Of the answer that ended last. */
    int status() {
        return status;
    }

    /** True if the answer ends with this line. */
    private boolean readLine() {
        String whole = line.toString().strip().toLowerCase(Locale.ROOT);
        line.setLength(0);
        switch (reading) {
            case HEAD -> {
                if (whole.startsWith("http/")) {
                    status = Integer.parseInt(whole.substring(STATUS_FROM, STATUS_TO));
                } else if (whole.startsWith(LENGTH)) {
                    left = Long.parseLong(whole.substring(LENGTH.length()).strip());
                } else if (whole.equals(CHUNKED)) {
                    chunked = true;
                } else if (whole.isEmpty()) {
                    reading = chunked ? Reading.CHUNK_SIZE : Reading.BODY;
                    return !chunked && left == 0;
                }
            }
            case CHUNK_SIZE -> {
                left = Long.parseLong(whole, 16) + "\r\n".length();
                reading = left == "\r\n".length() ? Reading.LAST_LINE : Reading.CHUNK;
            }
            case LAST_LINE -> {
                return true;
            }
            case BODY, CHUNK -> throw new IllegalStateException("no line is read in a body");
        }
        return false;
    }

    private boolean ended() {
        reading = Reading.HEAD;
        chunked = false;
        left = 0;
        return true;
    }
}
