package io.hourledger.pusher.push;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts how often a record failed alone in its call, while others were accepted in between. That tells a fault of the record from one of
 * our key or of the marketplace. Kept in memory and bounded: what is forgotten is found again by a few more calls.
 */
final class LoneFailures {

    private static final int MOST = 1000;

    private final Map<String, Failed> byRecord = new LinkedHashMap<>();
    private long accepted;

    private record Failed(int times, long acceptedBefore) {}

    /** A call was accepted. */
    synchronized void accepted() {
        accepted++;
    }

    /**
     * A record failed alone in its call.
     *
     * @param how the kind of failure; each is counted for itself
     * @return how often it did so; a failure counts only if a call was accepted since the one before
     */
    synchronized int failed(String meteringSn, String how) {
        String key = how + " " + meteringSn;
        Failed before = byRecord.remove(key);
        Failed now;
        if (before == null) {
            now = new Failed(1, accepted);
        } else if (accepted > before.acceptedBefore()) {
            now = new Failed(before.times() + 1, accepted);
        } else {
            now = before;
        }
        byRecord.put(key, now);
        if (byRecord.size() > MOST) {
            byRecord.remove(byRecord.keySet().iterator().next());
        }
        return now.times();
    }
}
