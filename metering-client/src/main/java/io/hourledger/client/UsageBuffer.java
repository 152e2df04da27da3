package io.hourledger.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Holds what was recorded and has no answer yet, within a bound. Callers append from any thread, and one thread reads and sends. What was
 * appended stays until it is marked as done.
 */
final class UsageBuffer {

    /** How often room is looked for while the disk is full: somebody else may have made some. */
    private static final long DISK_IS_ASKED_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition work = lock.newCondition();
    private final Condition progress = lock.newCondition();

    private final SegmentStore store;
    private final BufferBounds bounds;

    /** Oldest first. */
    private final List<UsageSegment> segments = new ArrayList<>();

    private @Nullable UsageSegment tail;
    private long usedBytes;
    private long recorded;
    private long recordedAndRead;
    private long leftAndUnread;
    private long waiting;
    private long accepted;
    private long rejected;
    private long firstWaiting = 1;
    private boolean flushAsked;
    private boolean closed;

    UsageBuffer(SegmentStore store, BufferBounds bounds) throws IOException {
        this.store = store;
        this.bounds = bounds;
        takeOver();
    }

    /** Records one usage: when this returns, the buffer has it. */
    void append(byte[] payload) {
        lock.lock();
        try {
            long nanos = bounds.blockNanos();
            while (closed || tail == null || !tail.append(payload)) {
                nanos = makeRoom(nanos);
            }
            waiting++;
            recorded++;
            if (unread() == bounds.batch()) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes a new tail, or waits for room; returns what is left of the time to wait. */
    private long makeRoom(long nanos) {
        if (closed) {
            throw new UsageNotRecordedException("the metering client is closed; record usage before that", null);
        }
        tail = null;
        releaseDone();
        boolean full = usedBytes + bounds.segmentBytes() > bounds.maxBytes();
        IOException noDisk = null;
        if (!full) {
            try {
                UsageSegment segment = store.create();
                add(segment);
                tail = segment;
                return nanos;
            } catch (IOException broken) {
                noDisk = broken;
            }
        }
        if (nanos <= 0) {
            throw noRoom(noDisk);
        }
        return awaitRoom(nanos, full ? nanos : Math.min(nanos, DISK_IS_ASKED_EVERY_NANOS));
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is in append, which tries again whatever woke it
    private long awaitRoom(long nanos, long step) {
        try {
            return nanos - step + Math.max(0, room.awaitNanos(step));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UsageNotRecordedException("interrupted while there was no room for usage", interrupted);
        }
    }

    private UsageNotRecordedException noRoom(@Nullable IOException noDisk) {
        return new UsageNotRecordedException(
                noDisk == null
                        ? "no room for usage: " + waiting + " wait to be sent; see why, or raise the bound"
                        : "no disk for usage: make room in the spill folder (" + noDisk + ")",
                noDisk);
    }

    /** Takes what processes that are gone have left. */
    void takeOver() throws IOException {
        List<UsageSegment.Left> all = store.takeOver(); // reads whole files, so callers need not wait for it
        lock.lock();
        try {
            for (UsageSegment.Left left : all) {
                add(left.segment());
                leftAndUnread += left.segment().waiting();
            }
            if (leftAndUnread > 0) {
                firstWaiting = BufferedUsage.LEFT;
            }
            releaseDone();
        } finally {
            lock.unlock();
        }
    }

    private void add(UsageSegment segment) {
        segments.add(segment);
        usedBytes += segment.capacity();
        waiting += segment.waiting();
    }

    private long unread() {
        return recorded - recordedAndRead + leftAndUnread;
    }

    /** Waits for a whole batch, at most so long. A flush ends the wait. */
    void awaitBatch(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (unread() < bounds.batch() && !flushAsked && left > 0) {
                left = work.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends nothing for so long. A flush ends the wait, unless it was the service that asked for it. */
    void pause(SendResult.Pause pause) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = pause.nanos();
            while (left > 0 && (pause.asked() || !flushAsked)) {
                left = work.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What was not read yet, oldest first. */
    List<BufferedUsage> read(int max) {
        lock.lock();
        try {
            List<BufferedUsage> batch = new ArrayList<>();
            for (UsageSegment segment : segments) {
                while (batch.size() < max) {
                    long number = segment.isLeft() ? BufferedUsage.LEFT : recordedAndRead + 1;
                    Optional<BufferedUsage> next = segment.read(number);
                    if (next.isEmpty()) {
                        break;
                    }
                    batch.add(next.get());
                    if (segment.isLeft()) {
                        leftAndUnread--;
                    } else {
                        recordedAndRead++;
                    }
                }
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /**
     * These usages have their answers and are never sent again.
     *
     * @param firstRead the lowest number of those that were read and have none; {@link Long#MAX_VALUE} if all have
     */
    void done(List<BufferedUsage> acceptedNow, List<BufferedUsage> rejectedNow, long firstRead) {
        lock.lock();
        try {
            acceptedNow.forEach(this::markDone);
            rejectedNow.forEach(this::markDone);
            accepted += acceptedNow.size();
            rejected += rejectedNow.size();
            releaseDone();
            firstWaiting = Math.min(firstRead, leftAndUnread > 0 ? BufferedUsage.LEFT : recordedAndRead + 1);
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void markDone(BufferedUsage usage) {
        usage.segment().markDone(usage.place());
        waiting--;
    }

    private void releaseDone() {
        for (Iterator<UsageSegment> each = segments.iterator(); each.hasNext(); ) {
            UsageSegment segment = each.next();
            if (segment.waiting() == 0 && segment != tail) {
                each.remove();
                usedBytes -= segment.capacity();
                store.release(segment);
                room.signalAll();
            }
        }
    }

    /** Makes all that waits outlive the machine, as far as it lies on a disk. */
    void force() {
        List<UsageSegment> now;
        lock.lock();
        try {
            now = List.copyOf(segments);
        } finally {
            lock.unlock();
        }
        now.forEach(UsageSegment::force);
    }

    /** Whether a flush was asked for since this was asked last. */
    boolean takeFlush() {
        lock.lock();
        try {
            boolean asked = flushAsked;
            flushAsked = false;
            return asked;
        } finally {
            lock.unlock();
        }
    }

    /** Has all sent that is here now, and waits for the answers. */
    FlushResult flush(Duration deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            flushAsked = true;
            work.signalAll();
            long left = deadline.toNanos();
            long upTo = recorded;
            while (firstWaiting <= upTo && left > 0) {
                left = progress.awaitNanos(left);
            }
            if (firstWaiting > upTo) {
                return new FlushResult.AllSent();
            }
        } finally {
            lock.unlock();
        }
        force();
        return stillWaiting();
    }

    private FlushResult stillWaiting() {
        lock.lock();
        try {
            return new FlushResult.StillWaiting(waiting, store.where());
        } finally {
            lock.unlock();
        }
    }

    /** Records nothing more. What waits can still be sent. */
    void refuseMore() {
        lock.lock();
        try {
            closed = true;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of the store, after {@link #refuseMore} and the last answer. */
    void close() {
        lock.lock();
        try {
            tail = null;
            releaseDone();
        } finally {
            lock.unlock();
        }
        try {
            force();
        } finally {
            store.close();
        }
    }

    /** What became of all that was recorded, at one moment. */
    ClientFigures figures(long requests, long failedRequests) {
        lock.lock();
        try {
            return new ClientFigures(
                    recorded, accepted, rejected, requests, failedRequests, waiting, usedBytes, bounds.maxBytes());
        } finally {
            lock.unlock();
        }
    }
}
