package io.hourledger.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports that nobody listens on. They lie below those that Linux and macOS give to outgoing connections, so no connection takes one
 * before it is used. Another process that asks at the same time may: callers start at once.
 */
public final class FreePort {

    private static final int FIRST = 20_000;
    private static final int AFTER_LAST = 32_000;
    private static final int TRIES = 100;

    private FreePort() {}

    /** A port of the loopback address that is free now. */
    public static int any() {
        for (int i = 0; i < TRIES; i++) {
            OptionalInt free = free(ThreadLocalRandom.current().nextInt(FIRST, AFTER_LAST));
            if (free.isPresent()) {
                return free.getAsInt();
            }
        }
        return free(0).orElseThrow(
                        () -> new UncheckedIOException(new IOException("no free port on the loopback address")));
    }

    /** The wanted port if it is free now, else any other. */
    public static int orAnother(int wanted) {
        return free(wanted).orElseGet(FreePort::any);
    }

    private static OptionalInt free(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return OptionalInt.of(probe.getLocalPort());
        } catch (IOException taken) {
            return OptionalInt.empty();
        }
    }
}
