package io.hourledger.standalone.stack;

import io.hourledger.embedded.EmbeddedDatabase;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns Ctrl-C and a signal to end into an interrupt of the thread that runs the stack. A shutdown hook would come too late: hooks run side
 * by side, and that of the embedded PostgreSQL takes the database from under services that are still at work.
 */
public final class OrderlyStop {

    private static final int EXIT_OF_SECOND_SIGNAL = 130;

    private OrderlyStop() {}

    /** Runs the work in this thread; a first signal interrupts it, so that it may close what it opened, a second one ends the JVM at once. */
    public static <T> T around(Callable<T> work) throws Exception {
        Thread worker = Thread.currentThread();
        AtomicBoolean told = new AtomicBoolean();
        for (String signal : List.of("INT", "TERM")) {
            onSignal(signal, () -> {
                if (told.getAndSet(true)) {
                    // the database is a process of its own and would outlive this one
                    try {
                        EmbeddedDatabase.killAll();
                    } finally {
                        Runtime.getRuntime().halt(EXIT_OF_SECOND_SIGNAL);
                    }
                }
                System.err.println("metering: stopping in order; once more to stop at once");
                worker.interrupt();
            });
        }
        return work.call();
    }

    /** By reflection: {@code sun.misc.Signal} is what there is, and javac warns of it in a way that cannot be silenced. */
    private static void onSignal(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    OrderlyStop.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException otherJvm) {
            throw new IllegalStateException("this JVM does not tell of signals", otherJvm);
        }
    }
}
