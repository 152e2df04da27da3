package io.hourledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps rejected usage for a person to mend and send again: in a file, one JSON object a line, if there is a folder, and by the listener.
 * Several processes may append to the file.
 */
final class RejectedUsages {

    static final String FILE = "rejected.ndjson";
    private static final boolean APPENDS = true;
    private static final System.Logger log = System.getLogger(RejectedUsages.class.getName());

    private final @Nullable Path file;
    private final long maxBytes;
    private final SafeListener listener;

    RejectedUsages(@Nullable Path folder, long maxBytes, SafeListener listener) {
        this.file = folder == null ? null : folder.resolve(FILE);
        this.maxBytes = maxBytes;
        this.listener = listener;
    }

    /** Whether all are written down. Those that are not are not rejected yet, and the service is asked again. */
    boolean keep(List<RejectedUsage> usages) {
        if (usages.isEmpty()) {
            return true;
        }
        try {
            if (file != null) {
                append(file, usages);
            }
        } catch (IOException notWritten) {
            log.log(Level.ERROR, "rejected usage cannot be written down, so it is sent again: " + notWritten);
            return false;
        }
        RejectedUsage first = usages.get(0);
        log.log(
                Level.WARNING,
                "usage rejected: {0}, of which may be taken all the same: {1}; first {2} {3} ({4})",
                usages.size(),
                usages.stream().filter(RejectedUsage::mayBeTaken).count(),
                first.code(),
                first.detail(),
                first.id());
        usages.forEach(listener::rejected);
        return true;
    }

    private void append(Path path, List<RejectedUsage> usages) throws IOException {
        byte[] lines = usages.stream()
                .map(RejectedUsage::line)
                .collect(Collectors.joining())
                .getBytes(UTF_8);
        // no channel: an interrupt would close it with half a line written, and close() interrupts this thread
        try (FileOutputStream out = new FileOutputStream(path.toFile(), APPENDS)) {
            if (Files.size(path) + lines.length > maxBytes) {
                throw new IOException(path + " has reached its bound of " + maxBytes + " bytes; move it away");
            }
            out.write(lines);
            out.getFD().sync();
        }
    }
}
