package io.hourledger.standalone.demo;

import io.hourledger.embedded.Folders;
import io.hourledger.standalone.kept.KeptLine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where a demo lives: a folder of the user's that is kept, or a temporary one that is deleted. One demo at a time uses it. */
final class DemoFolder implements AutoCloseable {

    private final Path path;
    private final boolean durable;
    private final FileChannel lockFile;

    private DemoFolder(Path path, boolean durable, FileChannel lockFile) {
        this.path = path;
        this.durable = durable;
        this.lockFile = lockFile;
    }

    /**
     * @param dataDir the user's folder; null for a temporary one
     * @throws IOException if it cannot be used, or another process uses it
     */
    static DemoFolder open(@Nullable Path dataDir) throws IOException {
        Path path = dataDir == null ? Files.createTempDirectory("hourledger-") : Files.createDirectories(dataDir);
        FileChannel lockFile =
                FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(lockFile)) {
            lockFile.close();
            throw new IOException(path + " is used by another Hourledger that still runs");
        }
        return new DemoFolder(path.toAbsolutePath(), dataDir != null, lockFile);
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

    Path path() {
        return path;
    }

    /** Whether what is in it outlives the demo. */
    boolean durable() {
        return durable;
    }

    /**
     * Lets only the traffic in that was in it before: clock and feeder go on where they stopped, which means nothing for another log.
     *
     * @param identity what tells this traffic from another
     */
    void belongsTo(String identity) throws IOException {
        KeptLine kept = new KeptLine(path.resolve("traffic"));
        String before = kept.read().orElse(identity);
        if (!before.equals(identity)) {
            throw new IOException(path + " holds a demo of other traffic (" + before + "); give this one (" + identity
                    + ") another --data-dir");
        }
        kept.write(identity);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
        if (!durable) {
            Folders.deleteTree(path);
        }
    }
}
