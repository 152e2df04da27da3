package io.hourledger.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Segments in files of a folder that any number of processes may share. Each process has an owner name of its own, in the names of its
 * files, and a locked file of that name. A lock that can be taken belongs to a process that is gone, and whoever takes it sends what that
 * process has left.
 *
 * <p>One thread at a time creates and releases, and another may take over beside it.
 */
final class SpillFolder implements SegmentStore {

    private static final System.Logger log = System.getLogger(SpillFolder.class.getName());
    private static final String LOCK = ".lock";
    private static final String USAGE = ".usage";
    private static final String DAMAGED = ".damaged";

    private final Path folder;
    private final String source;
    private final int segmentBytes;
    private final OwnerLock own;
    private final Map<UsageSegment, SegmentFile> files = new ConcurrentHashMap<>();
    private int created;

    /** A file, who wrote it, and whether a person should look at it. */
    private record SegmentFile(Path path, OwnerLock owner, boolean damaged) {}

    private SpillFolder(Path folder, String source, int segmentBytes, OwnerLock own) {
        this.folder = folder;
        this.source = source;
        this.segmentBytes = segmentBytes;
        this.own = own;
    }

    static SpillFolder open(Path folder, String source, int segmentBytes) throws IOException {
        Files.createDirectories(folder);
        Path real = folder.toRealPath();
        while (true) {
            // whoever looks for left usage at this very moment may have the new lock first; then another name
            Optional<OwnerLock> own = OwnerLock.tryTake(real, UUID.randomUUID().toString());
            if (own.isPresent()) {
                return new SpillFolder(real, source, segmentBytes, own.get());
            }
        }
    }

    /** Also for a thread that is interrupted: a channel would refuse it, and its usage would not be recorded. */
    @Override
    public UsageSegment create() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            return createFile();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private UsageSegment createFile() throws IOException {
        Path path = folder.resolve(String.format(Locale.ROOT, "%s-%06d%s", own.name(), ++created, USAGE));
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // every block is there before the file is mapped: a full disk is an exception here, and no broken memory
            // later
            ByteBuffer zeros = ByteBuffer.allocate(segmentBytes);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            MappedByteBuffer bytes = channel.map(MapMode.READ_WRITE, 0, segmentBytes);
            UsageSegment segment = UsageSegment.create(bytes, UUID.randomUUID(), source);
            files.put(segment, new SegmentFile(path, own, false));
            return segment;
        } catch (IOException noRoom) {
            Files.deleteIfExists(path);
            throw noRoom;
        }
    }

    @Override
    public List<UsageSegment.Left> takeOver() throws IOException {
        List<UsageSegment.Left> left = new ArrayList<>();
        for (String owner : owners()) {
            Optional<OwnerLock> lock = tryTake(owner);
            if (lock.isPresent()) {
                left.addAll(takeOver(lock.get()));
            }
        }
        return left;
    }

    private Optional<OwnerLock> tryTake(String owner) {
        try {
            return OwnerLock.tryTake(folder, owner);
        } catch (IOException unusable) {
            log.log(Level.ERROR, "spill files of " + owner + " cannot be locked, tried again later", unusable);
            return Optional.empty();
        }
    }

    /** All that one owner has left, or for now nothing: a file that cannot be read keeps nobody from recording. */
    private List<UsageSegment.Left> takeOver(OwnerLock owner) {
        Map<UsageSegment, SegmentFile> leftFiles = new HashMap<>();
        List<UsageSegment.Left> all = new ArrayList<>();
        try {
            for (Path path : filesOf(owner.name())) {
                Optional<UsageSegment.Left> left = recover(path);
                if (left.isPresent()) {
                    leftFiles.put(
                            left.get().segment(),
                            new SegmentFile(path, owner, left.get().damaged()));
                    all.add(left.get());
                }
            }
        } catch (IOException | RuntimeException | InternalError unreadable) { // the last is broken mapped memory
            log.log(Level.ERROR, "spill files of " + owner.name() + " cannot be read, tried again later", unreadable);
            owner.release();
            return List.of();
        }
        if (all.isEmpty()) {
            owner.delete();
        }
        files.putAll(leftFiles);
        return all;
    }

    private static Optional<UsageSegment.Left> recover(Path path) throws IOException {
        Optional<UsageSegment.Left> left;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            left = UsageSegment.recover(channel.map(MapMode.READ_WRITE, 0, channel.size()));
        }
        if (left.isEmpty()) {
            // a process that ended while it made the file has recorded nothing in it
            if (isBlank(path)) {
                Files.delete(path);
            } else {
                putAside(path);
            }
        }
        return left;
    }

    private static boolean isBlank(Path path) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        for (int i = UsageSegment.HEADER_BYTES; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static void putAside(Path path) throws IOException {
        Files.move(path, path.resolveSibling(path.getFileName() + DAMAGED));
        log.log(Level.ERROR, "spill file damaged, kept as {0}{1}; a person must look at it", path, DAMAGED);
    }

    @Override
    public void release(UsageSegment segment) {
        SegmentFile file = files.remove(segment);
        if (file == null) {
            throw new IllegalStateException("a segment is released once");
        }
        try {
            if (file.damaged()) {
                putAside(file.path());
            } else {
                Files.deleteIfExists(file.path());
            }
        } catch (IOException stays) {
            // all in it is marked as done, so the next client on the folder deletes it
            log.log(
                    Level.WARNING,
                    "spill file " + file.path() + " cannot be deleted; the next start tries again",
                    stays);
        }
        boolean last = files.values().stream().noneMatch(other -> other.owner() == file.owner());
        if (last && file.owner() != own) {
            file.owner().delete();
        }
    }

    @Override
    public FlushResult.Where where() {
        return FlushResult.Where.FOLDER;
    }

    @Override
    public void close() {
        Set<OwnerLock> waiting = new HashSet<>();
        files.values().forEach(file -> waiting.add(file.owner()));
        waiting.forEach(OwnerLock::release);
        if (!waiting.contains(own)) {
            own.delete();
        }
    }

    private Set<String> owners() throws IOException {
        Set<String> owners = new TreeSet<>();
        try (Stream<Path> all = Files.list(folder)) {
            all.map(path -> String.valueOf(path.getFileName())).forEach(name -> {
                if (name.endsWith(LOCK)) {
                    owners.add(name.substring(0, name.length() - LOCK.length()));
                } else if (name.endsWith(USAGE) && name.contains("-")) {
                    owners.add(name.substring(0, name.lastIndexOf('-')));
                }
            });
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
        return owners;
    }

    private List<Path> filesOf(String owner) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> String.valueOf(path.getFileName()).startsWith(owner + "-"))
                    .filter(path -> path.toString().endsWith(USAGE))
                    .sorted()
                    .toList();
        }
    }
}
