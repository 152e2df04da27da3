package io.hourledger.client;

import java.lang.System.Logger.Level;
import java.time.Duration;

/** Calls the app's hooks; what they throw stops nothing. */
final class SafeListener {

    private static final System.Logger log = System.getLogger(SafeListener.class.getName());

    private final MeteringListener listener;

    SafeListener(MeteringListener listener) {
        this.listener = listener;
    }

    void accepted(int usages, Duration took) {
        safely(() -> listener.accepted(usages, took));
    }

    void rejected(RejectedUsage usage) {
        safely(() -> listener.rejected(usage));
    }

    void held(int usages, String cause, Duration pause) {
        safely(() -> listener.held(usages, cause, pause));
    }

    private static void safely(Runnable hook) {
        try {
            hook.run();
        } catch (RuntimeException broken) {
            log.log(Level.WARNING, "a hook of the metering client broke, sending goes on", broken);
        }
    }
}
