package io.hourledger.embedded;

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

/** Stands between a client and a server on this machine, so that a test can hold back what passes. */
public abstract class TestRelay implements AutoCloseable {

    /** What a socket holds, the server takes for delivered. */
    private static final int RECEIVE_BUFFER = 64 * 1024;

    private final ServerSocket endpoint;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    protected TestRelay() {
        try {
            endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::admit);
    }

    /** Where the client connects to. */
    public final int port() {
        return endpoint.getLocalPort();
    }

    /** The server's port. */
    protected abstract int server();

    /** Returns when so many bytes of an answer may go on. */
    protected abstract void awaitAnswer(int bytes) throws InterruptedException;

    /** Returns when so many bytes of a request may go on. */
    protected void awaitRequest(int bytes) throws InterruptedException {}

    @Override
    public void close() {
        closeQuietly(endpoint);
        sockets.forEach(TestRelay::closeQuietly);
    }

    private void admit() {
        try {
            while (true) {
                Socket client = endpoint.accept();
                Socket server = new Socket();
                sockets.addAll(List.of(client, server));
                server.setReceiveBufferSize(RECEIVE_BUFFER);
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server()));
                daemon(() -> pump(client, server, this::awaitRequest));
                daemon(() -> pump(server, client, this::awaitAnswer));
            }
        } catch (IOException closed) {
            closeQuietly(endpoint);
        }
    }

    private interface Passing {
        void await(int bytes) throws InterruptedException;
    }

    private static void pump(Socket from, Socket to, Passing passing) {
        byte[] buffer = new byte[16 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                passing.await(read);
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
