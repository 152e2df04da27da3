package io.hourledger.standalone.traffic;

import io.hourledger.standalone.traffic.AccessLogLine.NotInFormat;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A web server's access log, plain or gzip: each client is a buyer, each line a request; two equal lines are two requests.
 *
 * <p>Its format is told, or recognised from its first lines. A line in any other format is refused, never read as if it were one.
 */
public final class AccessLog implements Traffic {

    static final int MAX_LINE_BYTES = 65_536;

    /** From so many lines at the beginning the format is recognised. */
    static final int SAMPLE_LINES = 1_000;

    private static final int MAGIC_BYTES = 512;

    /** Where a tar archive (POSIX ustar) says that it is one. */
    private static final int TAR_MAGIC_AT = 257;

    private static final List<String> W3C_DIRECTIVES =
            List.of("#Software:", "#Version:", "#Fields:", "#Date:", "#Start-Date:", "#Remark:");

    private final Path file;
    private final AccessLogFormat format;

    private AccessLog(Path file, AccessLogFormat format) {
        this.file = file;
        this.format = format;
    }

    /**
     * Opens a log whose format is recognised from its first lines.
     *
     * @throws IOException if the file cannot be read, or is no text that a web server writes, with a sentence that says what to do
     */
    public static AccessLog of(Path file) throws IOException {
        AccessLogFormat best = AccessLogFormat.of("combined");
        int most = 0;
        for (String name : AccessLogFormat.NAMED.keySet()) {
            AccessLogFormat candidate = AccessLogFormat.of(name);
            int read = linesRead(file, candidate);
            if (read > most) {
                most = read;
                best = candidate;
            }
        }
        AccessLog log = new AccessLog(file, best);
        if (most == 0) {
            log.refuseOtherNotation();
        }
        return log;
    }

    /** Of a file in which no line was read: names what it is in, if its beginning tells. */
    private void refuseOtherNotation() throws IOException {
        String mend = "let the web server write one of " + AccessLogFormat.NAMED.keySet() + ", or say --log-format";
        try (InputStream in = text()) {
            byte[] start = peek(in);
            if (startsWith(start, '{')) {
                throw refused("is JSON", mend);
            }
            if (W3C_DIRECTIVES.stream().anyMatch(new String(start, StandardCharsets.ISO_8859_1)::startsWith)) {
                throw refused("is in the W3C extended format, as IIS writes it", mend);
            }
        }
    }

    /** Opens a log whose format is known. */
    public static AccessLog of(Path file, AccessLogFormat format) {
        return new AccessLog(file, format);
    }

    private static int linesRead(Path file, AccessLogFormat candidate) throws IOException {
        int read = 0;
        try (Reading reading = new AccessLog(file, candidate).open()) {
            for (int i = 0; i < SAMPLE_LINES; i++) {
                TrafficLine line = reading.next();
                if (line == null) {
                    break;
                }
                read += line instanceof TrafficLine.Request ? 1 : 0;
            }
        }
        return read;
    }

    @Override
    public String source() {
        return "/demo/access-log";
    }

    @Override
    public String description() {
        return "the access log " + file.getFileName() + " (format " + format + ")";
    }

    @Override
    public Reading open() throws IOException {
        return new LogReading(new BoundedLines(text(), MAX_LINE_BYTES), format);
    }

    /** The bytes of the log's text: unpacked, and without a byte order mark. */
    private InputStream text() throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        try {
            byte[] start = peek(in);
            if (startsWith(start, 0x1f, 0x8b)) {
                in = new BufferedInputStream(new WholeGzip(in));
                start = peek(in);
            }
            refuseForeign(start);
            if (startsWith(start, 0xef, 0xbb, 0xbf)) {
                in.skipNBytes(3);
            }
            return in;
        } catch (EOFException cut) {
            in.close();
            throw refused("is a gzip file that ends too early", "get the whole file");
        } catch (ZipException damaged) {
            in.close();
            throw refused("is a damaged gzip file (" + damaged.getMessage() + ")", "get it again");
        } catch (IOException | RuntimeException refused) {
            in.close();
            throw refused;
        }
    }

    private static byte[] peek(InputStream in) throws IOException {
        in.mark(MAGIC_BYTES);
        byte[] start = in.readNBytes(MAGIC_BYTES);
        in.reset();
        return start;
    }

    private void refuseForeign(byte[] start) throws IOException {
        if (startsWith(start, 0xff, 0xfe) || startsWith(start, 0xfe, 0xff) || isUtf16WithoutMark(start)) {
            throw refused("is UTF-16", "turn it into UTF-8 first: iconv -f UTF-16 -t UTF-8");
        }
        if (startsWith(start, 0x1f, 0x8b)) {
            throw refused("is packed twice by gzip", "unpack it once: gunzip");
        }
        if (startsWith(start, 'B', 'Z', 'h')) {
            throw refused("is packed by bzip2", "unpack it first: bunzip2");
        }
        if (startsWith(start, 0xfd, '7', 'z', 'X', 'Z')) {
            throw refused("is packed by xz", "unpack it first: unxz");
        }
        if (startsWith(start, 0x28, 0xb5, 0x2f, 0xfd)) {
            throw refused("is packed by zstd", "unpack it first: unzstd");
        }
        if (startsWith(start, 'P', 'K', 3, 4)) {
            throw refused("is a zip archive", "unpack it first: unzip");
        }
        if (start.length > TAR_MAGIC_AT
                && startsWith(Arrays.copyOfRange(start, TAR_MAGIC_AT, start.length), 'u', 's', 't', 'a', 'r')) {
            throw refused("is a tar archive", "unpack it first: tar -xf");
        }
    }

    private IOException refused(String what, String mend) {
        return new IOException("the access log " + file + " " + what + "; " + mend);
    }

    /** Text of the first planes in UTF-16 has a zero in every second byte. */
    private static boolean isUtf16WithoutMark(byte[] start) {
        int pairs = Math.min(start.length / 2, 16);
        int even = 0;
        int odd = 0;
        for (int i = 0; i < pairs; i++) {
            even += start[2 * i] == 0 ? 1 : 0;
            odd += start[2 * i + 1] == 0 ? 1 : 0;
        }
        return pairs > 0 && (even == pairs) != (odd == pairs);
    }

    private static boolean startsWith(byte[] bytes, int... magic) {
        if (bytes.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((bytes[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static final class LogReading implements Reading {

        private final BoundedLines lines;
        private final AccessLogFormat format;
        private long number;

        LogReading(BoundedLines lines, AccessLogFormat format) {
            this.lines = lines;
            this.format = format;
        }

        @Override
        public @Nullable TrafficLine next() throws IOException {
            String line = nextLine();
            if (line == null) {
                return null;
            }
            number++;
            if (line.length() > MAX_LINE_BYTES) {
                return new TrafficLine.Malformed(number, "the line is longer than " + MAX_LINE_BYTES + " bytes");
            }
            if (line.indexOf('\r') >= 0) {
                return new TrafficLine.Malformed(
                        number, "there is a carriage return inside the line; if all lines end so: tr '\\r' '\\n'");
            }
            try {
                AccessLogLine read = AccessLogLine.read(line, format);
                if (format.endsWithSize() && lines.lastWasCut()) {
                    return new TrafficLine.Malformed(
                            number, "the file ends without a line end, so the size may have been cut");
                }
                return TrafficLine.Request.once(number, "line-" + number, read.client(), read.time(), read.bytes());
            } catch (NotInFormat malformed) {
                return new TrafficLine.Malformed(number, String.valueOf(malformed.getMessage()));
            }
        }

        private @Nullable String nextLine() throws IOException {
            try {
                return lines.next();
            } catch (EOFException cut) {
                throw new IOException(
                        "the access log is a gzip file that ends too early, in line " + (number + 1)
                                + "; get the whole file",
                        cut);
            } catch (ZipException damaged) {
                throw new IOException(
                        "the access log is a damaged gzip file, behind line " + number + " (" + damaged.getMessage()
                                + "); get it again, or what is whole of it: gunzip",
                        damaged);
            }
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}
