package io.hourledger.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The right to the files of one owner: a locked file, that the system lets go of when its process ends in whatever way. */
final class OwnerLock {

    /** The locks of this process. To open and close such a file here once more would end its lock (POSIX). */
    private static final Set<Path> OF_THIS_PROCESS = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final String name;
    private final FileChannel channel;

    private OwnerLock(Path file, String name, FileChannel channel) {
        this.file = file;
        this.name = name;
        this.channel = channel;
    }

    /** Empty if another client has it, of this process or of another. */
    static Optional<OwnerLock> tryTake(Path folder, String name) throws IOException {
        Path file = folder.resolve(name + ".lock");
        if (!OF_THIS_PROCESS.add(file)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                return Optional.of(new OwnerLock(file, name, channel));
            }
        } catch (OverlappingFileLockException ofAnotherClassLoader) {
            // left open and not asked again, for the same reason
            return Optional.empty();
        } catch (IOException | RuntimeException broken) {
            letGo(file, channel);
            throw broken;
        }
        letGo(file, channel);
        return Optional.empty();
    }

    private static void letGo(Path file, @Nullable FileChannel channel) throws IOException {
        OF_THIS_PROCESS.remove(file);
        if (channel != null) {
            channel.close();
        }
    }

    String name() {
        return name;
    }

    /** Lets others take what is left. */
    void release() {
        try {
            channel.close();
        } catch (IOException closing) {
            throw new UncheckedIOException(closing);
        } finally {
            OF_THIS_PROCESS.remove(file);
        }
    }

    /** Nothing is left. */
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            throw new UncheckedIOException(stays);
        } finally {
            release();
        }
    }
}
