package io.hourledger.ledger.seal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Seals in a file, one a line, only ever appended to. */
public final class FileSeals implements SealSink {

    private final Path file;

    public FileSeals(Path file) {
        this.file = file;
    }

    @Override
    public void keep(Seal seal) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            ByteBuffer line = ByteBuffer.wrap((seal.line() + "\n").getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("the seal was not kept in " + file, e);
        }
    }

    /** In the order they were kept; empty if there is no file yet. */
    public List<Seal> all() {
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file).stream().map(Seal::parse).toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("the seals in " + file + " cannot be read", e);
        }
    }
}
