package io.hourledger.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Stands between a client and a broker, and can keep the broker's answers back while the client's requests still arrive. */
public final class Relay implements AutoCloseable {

    private final ServerSocket endpoint;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private boolean held;
    private volatile int target;

    public Relay() {
        try {
            endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::admit);
    }

    public int port() {
        return endpoint.getLocalPort();
    }

    public void leadTo(int port) {
        target = port;
    }

    public void holdAnswers(boolean hold) {
        lock.lock();
        try {
            held = hold;
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        holdAnswers(false);
        closeQuietly(endpoint);
        sockets.forEach(Relay::closeQuietly);
    }

    private void admit() {
        try {
            while (true) {
                Socket client = endpoint.accept();
                Socket broker = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.addAll(List.of(client, broker));
                daemon(() -> pump(client, broker, false));
                daemon(() -> pump(broker, client, true));
            }
        } catch (IOException closed) {
            closeQuietly(endpoint);
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (answers) {
                    awaitRelease();
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException closed) {
            closeQuietly(to);
        }
    }

    private void awaitRelease() {
        lock.lock();
        try {
            while (held) {
                released.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
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
