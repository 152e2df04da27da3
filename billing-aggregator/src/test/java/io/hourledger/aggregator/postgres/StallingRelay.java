package io.hourledger.aggregator.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client and PostgreSQL. After so many bytes of answers it passes on nothing more, as a frozen client takes nothing more; and after
 * so many bytes of requests, as a frozen client sends nothing more.
 */
final class StallingRelay implements AutoCloseable {

    private final ServerSocket endpoint;
    private final int server;
    private static final int RECEIVE_BUFFER = 64 * 1024;

    private final AtomicLong answersUntilStall = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong requestsUntilStall = new AtomicLong(Long.MAX_VALUE);
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    StallingRelay(int server) {
        this.server = server;
        try {
            endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::admit);
    }

    int port() {
        return endpoint.getLocalPort();
    }

    void stallAfter(long bytesOfAnswers) {
        answersUntilStall.set(bytesOfAnswers);
    }

    void stallAfterRequests(long bytes) {
        requestsUntilStall.set(bytes);
    }

    void awaitStall() throws InterruptedException {
        stalled.await();
    }

    void release() {
        answersUntilStall.set(Long.MAX_VALUE);
        requestsUntilStall.set(Long.MAX_VALUE);
        released.countDown();
    }

    @Override
    public void close() {
        release();
        closeQuietly(endpoint);
        sockets.forEach(StallingRelay::closeQuietly);
    }

    private void admit() {
        try {
            while (true) {
                Socket client = endpoint.accept();
                Socket database = new Socket();
                database.setReceiveBufferSize(RECEIVE_BUFFER); // what it holds, the server takes for delivered
                database.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server));
                sockets.addAll(List.of(client, database));
                daemon(() -> pump(client, database, read -> passOrStall(requestsUntilStall, read)));
                daemon(() -> pump(database, client, read -> passOrStall(answersUntilStall, read)));
            }
        } catch (IOException closed) {
            closeQuietly(endpoint);
        }
    }

    private interface Passing {
        void of(int bytes) throws InterruptedException;
    }

    private void passOrStall(AtomicLong untilStall, int bytes) throws InterruptedException {
        if (untilStall.addAndGet(-bytes) < 0) {
            stalled.countDown();
            released.await();
        }
    }

    private static void pump(Socket from, Socket to, Passing passing) {
        byte[] buffer = new byte[16 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                passing.of(read);
                out.write(buffer, 0, read);
            }
        } catch (IOException closed) {
            closeQuietly(to);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception closing) {
            // nothing more to do for it
        }
    }
}
