package io.hourledger.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Attacks a server of a test with many connections that send next to nothing: each an opening, then one byte every three seconds. Who is
 * thrown out comes back at once.
 */
public final class SlowClients implements AutoCloseable {

    private static final int GLANCE_MILLIS = 200;
    private static final int GLANCES_PER_BYTE = 15;

    private final int port;
    private final byte[] opening;
    private final byte[] drip;
    private final List<Connection> connections = new ArrayList<>();
    private final AtomicInteger thrownOut = new AtomicInteger();
    private @Nullable Future<?> glances;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread daemon = new Thread(work, "slow-clients");
        daemon.setDaemon(true);
        return daemon;
    });

    private SlowClients(int port, String opening, String drip) {
        this.port = port;
        this.opening = opening.getBytes(ISO_8859_1);
        this.drip = drip.getBytes(ISO_8859_1);
    }

    /**
     * Begins the attack and returns when every connection has sent its opening.
     *
     * @param opening what a connection sends at once; may be empty
     * @param drip what it sends byte by byte, again and again; empty for nothing more
     */
    public static SlowClients attack(int port, int connections, String opening, String drip) {
        SlowClients clients = new SlowClients(port, opening, drip);
        for (int i = 0; i < connections; i++) {
            clients.connections.add(clients.new Connection());
        }
        clients.glances = clients.thread.scheduleWithFixedDelay(
                () -> clients.connections.forEach(Connection::glance),
                GLANCE_MILLIS,
                GLANCE_MILLIS,
                TimeUnit.MILLISECONDS);
        return clients;
    }

    /** Whether they still try; they cease when the server refuses their connections. */
    public boolean goesOn() {
        return glances != null && !glances.isDone();
    }

    /** How often the server has ended a connection. */
    public int thrownOut() {
        return thrownOut.get();
    }

    @Override
    public void close() {
        if (glances != null) {
            glances.cancel(false);
        }
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the slow clients do not stop");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        connections.forEach(Connection::end);
    }

    private final class Connection {

        private final ByteBuffer answer = ByteBuffer.allocate(4096);
        private SocketChannel channel;
        private int glances;
        private int sent;

        Connection() {
            channel = open();
        }

        void glance() {
            try {
                answer.clear();
                if (channel.read(answer) < 0) {
                    comeBack();
                } else if (drip.length > 0 && ++glances % GLANCES_PER_BYTE == 0) {
                    channel.write(ByteBuffer.wrap(drip, sent++ % drip.length, 1));
                }
            } catch (IOException reset) {
                comeBack();
            }
        }

        private void comeBack() {
            thrownOut.incrementAndGet();
            end();
            sent = 0;
            channel = open();
        }

        private SocketChannel open() {
            try {
                SocketChannel opened =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                opened.write(ByteBuffer.wrap(opening));
                opened.configureBlocking(false);
                return opened;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void end() {
            try {
                channel.close();
            } catch (IOException closing) {
                throw new UncheckedIOException(closing);
            }
        }
    }
}
