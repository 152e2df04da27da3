package io.hourledger.standalone.stack;

import io.hourledger.embedded.TemporaryFolders;
import io.hourledger.standalone.file.DurableLine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where a stack lives: a folder of the user's that is kept, or a temporary one that is deleted. One process at a time uses it. */
public final class DataDirectory implements AutoCloseable {

    private final Path path;
    private final boolean durable;
    private final FileChannel lockFile;

    private DataDirectory(Path path, boolean durable, FileChannel lockFile) {
        this.path = path;
        this.durable = durable;
        this.lockFile = lockFile;
    }

    /**
     * @param dataDir the user's folder; null for a temporary one
     * @throws IOException if it cannot be used, or another process uses it
     */
    public static DataDirectory open(@Nullable Path dataDir) throws IOException {
        Path path = dataDir == null ? Files.createTempDirectory("hourledger-") : Files.createDirectories(dataDir);
        FileChannel lockFile =
                FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(lockFile)) {
            lockFile.close();
            throw new IOException(path + " is used by another Hourledger that still runs");
        }
        return new DataDirectory(path.toAbsolutePath(), dataDir != null, lockFile);
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

    public Path path() {
        return path;
    }

    /** Whether what is in it outlives the process. */
    public boolean durable() {
        return durable;
    }

    /**
     * Lets only the use in that it was made for: a demo's clock and feeder go on where they stopped, which means nothing for another log.
     *
     * @param identity what tells this use from another
     */
    public void belongsTo(String identity) throws IOException {
        DurableLine stored = new DurableLine(path.resolve("belongs-to"));
        String before = stored.read().orElse(identity);
        if (!before.equals(identity)) {
            throw new IOException(path + " belongs to " + before + "; give " + identity + " another --data-dir");
        }
        stored.write(identity);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
        if (!durable) {
            TemporaryFolders.deleteTree(path);
        }
    }
}
