package io.hourledger.standalone.stack;

import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.embedded.TemporaryFolders;
import io.hourledger.standalone.file.DurableLine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a stack lives: a folder of the user's that is kept, one that the next demo replaces, or a temporary one that is deleted. One process
 * at a time uses it, and on a file system with POSIX permissions only its owner reads it.
 */
public final class DataDirectory implements AutoCloseable {

    private static final String LOCK = "lock";
    private static final String BELONGS_TO = "belongs-to";
    private static final String SECRETS = "keys.properties";

    /** What a stack puts here. */
    private static final Set<String> OURS = Set.of(
            LOCK,
            BELONGS_TO,
            "kafka",
            "kafka.password",
            "postgresql",
            "postgresql.owner.password",
            "catalogues",
            "clock",
            "feeder",
            "keys.properties",
            "settings.properties");

    private static final String LOG = "metering.log";
    private static final String BEING_WRITTEN = ".next";
    /** Of a file system that is mounted here. */
    private static final String OF_MOUNTS = "lost+found";

    private static final String ADVICE = "; give --data-dir a folder that is empty or does not exist yet";

    private final Path path;
    private final boolean durable;
    private final boolean deletedAtTheEnd;
    private final FileChannel lockFile;

    private DataDirectory(Path path, boolean durable, boolean deletedAtTheEnd, FileChannel lockFile) {
        this.path = path;
        this.durable = durable;
        this.deletedAtTheEnd = deletedAtTheEnd;
        this.lockFile = lockFile;
    }

    /**
     * @param dataDir the user's folder; null for a temporary one
     * @throws IOException if it cannot be used, holds another's files, or another process uses it
     */
    public static DataDirectory open(@Nullable Path dataDir) throws IOException {
        if (dataDir == null) {
            Path temporary = Files.createTempDirectory("hourledger-");
            return new DataDirectory(temporary, false, true, lock(temporary));
        }
        Path path = ours(dataDir).toAbsolutePath();
        return new DataDirectory(path, true, false, lock(path));
    }

    /** Another process has the folder now. */
    public static final class InUseException extends IOException {
        private static final long serialVersionUID = 1L;

        InUseException(String sentence) {
            super(sentence);
        }
    }

    /**
     * Empties the folder that the demo before has left, and uses it for the next. Nothing in it has to survive a crash.
     *
     * @throws IOException as {@link #open} does
     */
    public static DataDirectory replacing(Path dataDir) throws IOException {
        Path path = ours(dataDir).toAbsolutePath();
        FileChannel lockFile = lock(path);
        // left by a demo that was killed; without its files it could not be found any more
        EmbeddedDatabase.killServerOf(path.resolve("postgresql"));
        try (Stream<Path> entries = Files.list(path)) {
            for (Path entry : entries.toList()) {
                if (!entry.endsWith(LOCK)) {
                    TemporaryFolders.deleteTree(entry);
                }
            }
        } catch (IOException | RuntimeException cannotBeEmptied) {
            lockFile.close();
            throw cannotBeEmptied;
        }
        return new DataDirectory(path, false, false, lockFile);
    }

    private static Path ours(Path dataDir) throws IOException {
        if (Files.exists(dataDir) && !Files.isDirectory(dataDir)) {
            throw new IOException(dataDir + " is a file" + ADVICE);
        }
        Optional<String> foreign = Files.exists(dataDir) ? foreignEntry(dataDir) : Optional.empty();
        if (foreign.isPresent()) {
            throw new IOException(
                    dataDir + " holds files that are not Hourledger's, such as " + foreign.get() + ADVICE);
        }
        try {
            Path made = Files.createDirectories(dataDir);
            if (Files.getFileStore(made).supportsFileAttributeView(PosixFileAttributeView.class)) {
                Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
            }
            return made;
        } catch (IOException refused) {
            throw new IOException(
                    "the folder " + dataDir + " cannot be made or written ("
                            + refused.getClass().getSimpleName() + " " + refused.getMessage()
                            + "); give --data-dir a folder of your own",
                    refused);
        }
    }

    private static Optional<String> foreignEntry(Path folder) throws IOException {
        if (Files.exists(folder.resolve(BELONGS_TO)) || Files.exists(folder.resolve(SECRETS))) {
            return Optional.empty();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> !OURS.contains(name)
                            && !name.startsWith(LOG)
                            && !name.endsWith(BEING_WRITTEN)
                            && !name.equals(OF_MOUNTS))
                    .sorted()
                    .findFirst();
        } catch (AccessDeniedException refused) {
            throw new IOException(
                    "the folder " + folder + " may not be read; give --data-dir a folder of your own", refused);
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel lockFile =
                FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(lockFile)) {
            lockFile.close();
            throw new InUseException(
                    path + " is used by another Hourledger that still runs; stop it, or give another --data-dir");
        }
        return lockFile;
    }

    /** Held until the file is closed or the process ends. */
    private static boolean locked(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldByThisJvm) {
            return false;
        }
    }

    /** The file for what the services say. */
    public Path log() {
        return path.resolve(LOG);
    }

    public Path path() {
        return path;
    }

    /** Whether what is in it has to survive a crash. */
    public boolean durable() {
        return durable;
    }

    /** Whether it is still there when it was closed. */
    public boolean remains() {
        return !deletedAtTheEnd;
    }

    /**
     * Lets only the use in that it was made for: a demo's clock and feeder go on where they stopped, which means nothing for another log.
     *
     * @param identity what tells this use from another
     */
    public void belongsTo(String identity) throws IOException {
        DurableLine stored = new DurableLine(path.resolve(BELONGS_TO));
        String before = stored.read().orElse(identity);
        if (!before.equals(identity)) {
            throw new IOException(path + " belongs to " + before + "; give " + identity + " another --data-dir");
        }
        stored.write(identity);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
        if (deletedAtTheEnd) {
            TemporaryFolders.deleteTree(path);
        }
    }
}
