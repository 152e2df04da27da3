package io.hourledger.service;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gives a body to its reader piece by piece. While nothing comes, and while the reader wants nothing, no thread waits, and nothing is read
 * from the connection. Safe for many threads.
 */
public final class BodyStream {

    private static final int PIECE_BYTES = 8 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final RequestBodies bodies;
    private final HttpServletRequest request;
    private final ServletInputStream in;
    private final Reader reader;
    private @Nullable Future<?> deadline;
    private boolean paused;
    private boolean ended;

    /** Takes a body as it comes. One call at a time, by a thread of the server, of the deadlines, or that resumes. */
    public interface Reader {

        /** Takes some bytes, in an array that is used again; false to get no more until {@link BodyStream#resume}. */
        boolean take(byte[] bytes, int length);

        /**
         * Nothing more comes. Told once, unless the stream was stopped. What is too slow or broken off is answered before this returns, or
         * the server answers with an error of its own.
         */
        void ended(End end);
    }

    /** Why nothing more comes. */
    public enum End {
        /** That was all. */
        WHOLE,
        /** It did not come in time. */
        TOO_SLOW,
        /** The client went away, or what it sent is no body. */
        BROKEN_OFF
    }

    BodyStream(RequestBodies bodies, HttpServletRequest request, Reader reader) throws IOException {
        this.bodies = bodies;
        this.request = request;
        this.in = request.getInputStream();
        this.reader = reader;
    }

    /** @param within how long the whole body may take */
    public void begin(Duration within) {
        lock.lock();
        try {
            deadline = bodies.after(within, () -> end(End.TOO_SLOW));
        } finally {
            lock.unlock();
        }
        UnreadBodyValve.askForBody(request);
        in.setReadListener(new Listener());
    }

    /** Goes on after the reader wanted no more; else does nothing. */
    public void resume() {
        lock.lock();
        try {
            if (paused && !ended) {
                paused = false;
                read();
            }
        } catch (IOException broken) {
            end(End.BROKEN_OFF);
        } finally {
            lock.unlock();
        }
    }

    /** Reads nothing more and tells the reader nothing more. */
    public void stop() {
        lock.lock();
        try {
            ended = true;
            cancelDeadline();
        } finally {
            lock.unlock();
        }
    }

    private void end(End end) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                cancelDeadline();
                reader.ended(end);
            }
        } finally {
            lock.unlock();
        }
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    private void read() throws IOException {
        byte[] piece = new byte[PIECE_BYTES]; // not kept: of slow senders there may be thousands
        while (!paused && !ended && in.isReady()) {
            int length = in.read(piece);
            if (length < 0) {
                return;
            }
            if (length > 0) {
                paused = !reader.take(piece, length);
            }
        }
    }

    private final class Listener implements ReadListener {

        @Override
        public void onDataAvailable() throws IOException {
            lock.lock();
            try {
                read();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onAllDataRead() {
            end(End.WHOLE);
        }

        @Override
        public void onError(Throwable broken) {
            end(broken instanceof SocketTimeoutException ? End.TOO_SLOW : End.BROKEN_OFF);
        }
    }
}
