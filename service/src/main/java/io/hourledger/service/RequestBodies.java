package io.hourledger.service;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;
import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * Reads bodies of requests that are answered asynchronously. While a client is slow no thread waits for it, and a body that
 * does not come in time is given up. Safe for many threads.
 */
public final class RequestBodies implements AutoCloseable {

    private static final byte[] NOTHING = {};

    private final ScheduledThreadPoolExecutor timer;
    private final ThreadFactory threads =
            Thread.ofVirtual().name("deadline-", 0).factory();

    RequestBodies() {
        timer = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "request-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * What a body may take.
     *
     * @param bytes the largest body
     * @param within how long the whole body may take
     */
    public record Limits(int bytes, Duration within) {}

    /** What became of a body. */
    public sealed interface Outcome {}

    /** All of it is there. */
    public static final class Whole implements Outcome {

        private final byte[] bytes;

        Whole(byte[] bytes) {
            this.bytes = bytes;
        }

        /** The body; nobody else has this array. */
        public byte[] bytes() {
            return bytes;
        }
    }

    /** It is not read further; the connection ends with the answer. */
    public record GivenUp(Reason reason) implements Outcome {}

    /** Why a body was given up. */
    public enum Reason {
        /** It is longer than its limit. */
        TOO_LARGE,
        /** It did not come in time. */
        TOO_SLOW,
        /** There was no room for more of it. */
        NO_ROOM,
        /** The client went away, or what it sent is no body. */
        BROKEN_OFF
    }

    /**
     * Reads the body once the handler of this request has returned its {@link DeferredResult}.
     *
     * @param room asked before bytes are kept, with their number; false gives the body up
     * @param told called exactly once, by a thread of the server or of this. What was given up as too slow or broken off is answered before
     *     it returns, or the server answers with an error of its own.
     */
    public void read(HttpServletRequest request, Limits limits, IntPredicate room, Consumer<Outcome> told)
            throws IOException {
        Reading reading = new Reading(request, limits, room, told);
        WebAsyncUtils.getAsyncManager(request)
                .registerDeferredResultInterceptor(reading, new DeferredResultProcessingInterceptor() {
                    @Override
                    public <T> void preProcess(NativeWebRequest asynchronous, DeferredResult<T> result) {
                        reading.begin();
                    }
                });
    }

    /**
     * Reads the body of a request that was {@linkplain HttpServletRequest#startAsync started as asynchronous}; else like {@link #read}.
     *
     * @param here its first bytes, if they were {@linkplain #bytesThatAreHere read} already; there is room for them
     */
    public void readAsync(
            HttpServletRequest request, byte[] here, Limits limits, IntPredicate room, Consumer<Outcome> told)
            throws IOException {
        Reading reading = new Reading(request, limits, room, told);
        reading.beginWith(here);
        reading.begin();
    }

    /**
     * What has come of a small body with the headers, so that nobody has to wait for it: all of it for nearly every body of this size. Nothing
     * if it is larger or its length is not announced.
     *
     * @param most bytes of the body
     */
    public static byte[] bytesThatAreHere(HttpServletRequest request, int most) throws IOException {
        long announced = request.getContentLengthLong();
        if (announced <= 0 || announced > most) {
            return NOTHING;
        }
        ServletInputStream in = request.getInputStream();
        byte[] bytes = new byte[(int) announced];
        int length = 0;
        int read = 0;
        while (read >= 0 && length < bytes.length && in.available() > 0) {
            read = in.read(bytes, length, bytes.length - length);
            length += Math.max(0, read);
        }
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /**
     * Gives the body to a reader as it comes, once that is begun. For a request that was
     * {@linkplain HttpServletRequest#startAsync started as asynchronous}.
     */
    public BodyStream stream(HttpServletRequest request, BodyStream.Reader reader) throws IOException {
        return new BodyStream(this, request, reader);
    }

    /** Runs a task after a time, on a thread of its own, unless it is cancelled before. */
    public Future<?> after(Duration delay, Runnable task) {
        // whoever answers a slow client would keep all other deadlines waiting
        return timer.schedule(() -> threads.newThread(task).start(), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private final class Reading implements ReadListener {

        private static final int FIRST_BYTES = 4096;

        private final HttpServletRequest request;
        private final ServletInputStream in;
        private final Limits limits;
        private final IntPredicate room;
        private final AtomicReference<@Nullable Consumer<Outcome>> told;
        private final int most;
        private volatile @Nullable Future<?> deadline;
        private byte[] bytes;
        private int length;

        Reading(HttpServletRequest request, Limits limits, IntPredicate room, Consumer<Outcome> told)
                throws IOException {
            this.request = request;
            this.limits = limits;
            this.room = room;
            this.told = new AtomicReference<>(told);
            this.in = request.getInputStream();
            long announced = request.getContentLengthLong();
            // one more than may come, so that a body that is too large is seen to be
            this.most = announced < 0 ? limits.bytes() + 1 : (int) Math.min(announced, limits.bytes() + 1L);
            this.bytes = new byte[Math.min(most, FIRST_BYTES)];
        }

        void beginWith(byte[] here) {
            bytes = Arrays.copyOf(here, Math.max(here.length, bytes.length));
            length = here.length;
        }

        void begin() {
            deadline = after(limits.within(), () -> tell(new GivenUp(Reason.TOO_SLOW)));
            UnreadBodyValve.askForBody(request);
            in.setReadListener(this);
        }

        @Override
        public void onDataAvailable() throws IOException {
            while (told.get() != null && in.isReady()) {
                if (length == bytes.length) {
                    bytes = Arrays.copyOf(bytes, (int) Math.min(most, Math.max(FIRST_BYTES, 2L * bytes.length)));
                }
                int stored = length;
                int read = in.read(bytes, stored, bytes.length - stored);
                if (read < 0) {
                    return;
                }
                if (stored + read > limits.bytes()) {
                    tell(new GivenUp(Reason.TOO_LARGE));
                } else if (read > 0 && !room.test(read)) {
                    tell(new GivenUp(Reason.NO_ROOM));
                } else {
                    length = stored + read;
                }
            }
        }

        @Override
        public void onAllDataRead() {
            tell(new Whole(length == bytes.length ? bytes : Arrays.copyOf(bytes, length)));
        }

        @Override
        public void onError(Throwable broken) {
            // the server gives up a connection on which nothing comes, long before the deadline of the body
            tell(new GivenUp(broken instanceof SocketTimeoutException ? Reason.TOO_SLOW : Reason.BROKEN_OFF));
        }

        private void tell(Outcome outcome) {
            Consumer<Outcome> whom = told.getAndSet(null);
            Future<?> running = deadline;
            if (running != null) {
                running.cancel(false);
            }
            if (whom != null) {
                whom.accept(outcome);
            }
        }
    }
}
