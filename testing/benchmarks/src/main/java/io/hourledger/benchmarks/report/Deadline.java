package io.hourledger.benchmarks.report;

import java.time.Duration;

/** When a bench must be done, in elapsed time. */
public final class Deadline {

    private final long endsAt;

    private Deadline(long endsAt) {
        this.endsAt = endsAt;
    }

    public static Deadline in(Duration limit) {
        return new Deadline(System.nanoTime() + limit.toNanos());
    }

    /** Whether something that took this long before can be done once more; a tenth is left over for luck. */
    public boolean leavesTimeFor(Duration before) {
        return endsAt - System.nanoTime() > before.toNanos() / 10 * 11;
    }
}
