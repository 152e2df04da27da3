package io.hourledger.cli.ledger;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Writes a file beside its name and moves it there when it is whole: nobody reads half of it, and a failure leaves what was there. */
final class WholeFile {

    private static final int BUFFER_BYTES = 1 << 16;

    private WholeFile() {}

    /** Writes the content. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    static void write(Path file, Content content) {
        Path whole = file.toAbsolutePath();
        Path folder = Objects.requireNonNull(whole.getParent());
        try {
            Path part = Files.createTempFile(folder, whole.getFileName() + ".", ".part");
            try {
                writeDurably(part, content);
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException unwritable) {
            throw new UncheckedIOException(file + " cannot be written: " + unwritable.getMessage(), unwritable);
        }
    }

    private static void writeDurably(Path part, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }
}
