package io.hourledger.pusher.push;

import io.hourledger.ledger.store.Outbox.Place;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one pass over the outbox has come to: how many records were put onto the queue, and which could not be, each tried alone. */
final class IntakePass {

    /** A fault that takes none of so many is none of the records. */
    private static final int MOST_BEFORE_THE_FIRST = 20;

    /** Each that fails costs a dozen transactions until it is alone. */
    private static final int MOST_FAILURES = 200;

    private final Map<Place, RuntimeException> faulty = new LinkedHashMap<>();
    private long queued;

    void queued(int more) {
        queued += more;
    }

    void failed(Place record, RuntimeException why) {
        faulty.put(record, why);
    }

    /** Whether to try more is of no use now. */
    boolean isOver() {
        return faulty.size() > (queued == 0 ? MOST_BEFORE_THE_FIRST : MOST_FAILURES);
    }

    /** Whether any was put onto the queue. If none was, the queue or this build may be at fault, and not the records. */
    boolean hasQueued() {
        return queued > 0;
    }

    /** By record, why it cannot be put onto the queue. */
    Map<Place, RuntimeException> faulty() {
        return faulty;
    }
}
