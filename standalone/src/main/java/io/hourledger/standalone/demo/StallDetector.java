package io.hourledger.standalone.demo;

import io.hourledger.standalone.demo.ProgressBar.Shown;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Notices when nothing moves any more. */
final class StallDetector {

    /** If nothing moves for so long of the machine's time, something has stopped. */
    private static final Duration STALLED_AFTER = Duration.ofSeconds(90);

    private @Nullable Shown last;
    private long sinceNanos = System.nanoTime();

    void check(Shown now, Supplier<String> lagging) throws IOException {
        Shown before = last;
        // business time goes on by itself, so it is no sign of life
        if (before == null || !before.withoutMoment().equals(now.withoutMoment())) {
            last = now;
            sinceNanos = System.nanoTime();
        } else if (System.nanoTime() - sinceNanos > STALLED_AFTER.toNanos()) {
            throw new IOException("nothing has moved for " + STALLED_AFTER.toSeconds() + " s: " + lagging.get());
        }
    }
}
