package io.hourledger.client;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The right to the files of one owner: a locked file, that the system lets go of when its process ends in whatever way. */
final class OwnerLock {

    private static final System.Logger log = System.getLogger(OwnerLock.class.getName());

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
        Optional<Opened> opened = open(folder, name);
        return opened.isPresent() ? opened.get().tryLock() : Optional.empty();
    }

    /** Opens the file and does not lock it yet; empty if another client of this process has it, or another deletes it just now. */
    static Optional<Opened> open(Path folder, String name) throws IOException {
        Path file = folder.resolve(name + ".lock");
        if (!OF_THIS_PROCESS.add(file)) {
            return Optional.empty();
        }
        try {
            create(file);
            FileIdentity identity = FileIdentity.of(file);
            return Optional.of(new Opened(file, name, FileChannel.open(file, StandardOpenOption.WRITE), identity));
        } catch (NoSuchFileException deleted) {
            OF_THIS_PROCESS.remove(file);
            if (Files.isDirectory(folder)) {
                return Optional.empty();
            }
            throw deleted;
        } catch (IOException | RuntimeException broken) {
            OF_THIS_PROCESS.remove(file);
            throw broken;
        }
    }

    private static void create(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException ofAnother) {
            // whoever made it, the lock says whose it is
        }
    }

    /** Tells one file from another of the same name. */
    private record FileIdentity(@Nullable Object key, FileTime created) {

        static FileIdentity of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileIdentity(attributes.fileKey(), attributes.creationTime());
        }
    }

    /** A lock file that is open and not locked. */
    static final class Opened {

        private final Path file;
        private final String name;
        private final FileChannel channel;
        private final FileIdentity identity;

        private Opened(Path file, String name, FileChannel channel, FileIdentity identity) {
            this.file = file;
            this.name = name;
            this.channel = channel;
            this.identity = identity;
        }

        /** Empty if another process has it, or had it and has deleted the file since it was opened. */
        Optional<OwnerLock> tryLock() throws IOException {
            try {
                if (channel.tryLock() != null && isStillThere()) {
                    return Optional.of(new OwnerLock(file, name, channel));
                }
            } catch (OverlappingFileLockException ofAnotherClassLoader) {
                // left open and not asked again, for the same reason
                return Optional.empty();
            } catch (IOException | RuntimeException broken) {
                close();
                throw broken;
            }
            close();
            return Optional.empty();
        }

        /** The lock of a file without a name keeps out nobody: the next one makes a new file of that name, and locks it. */
        private boolean isStillThere() throws IOException {
            try {
                return FileIdentity.of(file).equals(identity);
            } catch (NoSuchFileException deleted) {
                return false;
            }
        }

        private void close() throws IOException {
            OF_THIS_PROCESS.remove(file);
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
            log.log(Level.WARNING, "lock " + file + " was not closed well", closing);
        } finally {
            OF_THIS_PROCESS.remove(file);
        }
    }

    /** Nothing is left. A lock file that stays is deleted by the next client on the folder. */
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            log.log(Level.WARNING, "lock " + file + " cannot be deleted; the next start tries again", stays);
        } finally {
            release();
        }
    }
}
