package io.hourledger.standalone.traffic;

import io.hourledger.standalone.traffic.AccessLogEntry.NotCombinedFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A web server's access log: each client address is a buyer, each line a request; two equal lines are two requests. */
public final class AccessLog implements Traffic {

    static final int MAX_LINE_BYTES = 65_536;

    private final Path file;

    public AccessLog(Path file) {
        this.file = file;
    }

    @Override
    public String source() {
        return "/demo/access-log";
    }

    @Override
    public String description() {
        return "the access log " + file.getFileName();
    }

    @Override
    public Reading open() throws IOException {
        return new LogReading(new BoundedLines(Files.newInputStream(file), MAX_LINE_BYTES));
    }

    private static final class LogReading implements Reading {

        private final BoundedLines lines;
        private long number;

        LogReading(BoundedLines lines) {
            this.lines = lines;
        }

        @Override
        public @Nullable TrafficLine next() throws IOException {
            String line = lines.next();
            if (line == null) {
                return null;
            }
            number++;
            if (line.length() > MAX_LINE_BYTES) {
                return new TrafficLine.Malformed(number, "the line is longer than " + MAX_LINE_BYTES + " bytes");
            }
            try {
                AccessLogEntry entry = AccessLogEntry.parse(line);
                return TrafficLine.Request.once(number, "line-" + number, entry.client(), entry.time(), entry.bytes());
            } catch (NotCombinedFormat malformed) {
                return new TrafficLine.Malformed(number, String.valueOf(malformed.getMessage()));
            }
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }
}
