package io.hourledger.client;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Usages that were sent and have no answer, each with the time before which it is not sent again. Used by one thread. */
final class RetryQueue {

    private final List<Retry> retries = new ArrayList<>();

    private record Retry(BufferedUsage usage, long dueAt) {}

    /**
     * @param dueAt by {@link System#nanoTime}
     */
    void add(List<BufferedUsage> usages, long dueAt) {
        usages.forEach(usage -> retries.add(new Retry(usage, dueAt)));
    }

    int size() {
        return retries.size();
    }

    /** How long until one of them is due, at most so long. */
    long nanosUntilDue(long atMost) {
        long now = System.nanoTime();
        long nanos = atMost;
        for (Retry retry : retries) {
            nanos = Math.min(nanos, retry.dueAt() - now);
        }
        return Math.max(0, nanos);
    }

    void makeAllDue() {
        long now = System.nanoTime();
        retries.replaceAll(retry -> new Retry(retry.usage(), now));
    }

    /** Takes those that are due, the longest here first. */
    List<BufferedUsage> takeDue(int max) {
        long now = System.nanoTime();
        List<BufferedUsage> due = new ArrayList<>();
        for (Iterator<Retry> each = retries.iterator(); each.hasNext() && due.size() < max; ) {
            Retry retry = each.next();
            if (retry.dueAt() - now <= 0) {
                due.add(retry.usage());
                each.remove();
            }
        }
        return due;
    }

    /** The lowest number among them; {@link Long#MAX_VALUE} if there is none. */
    long firstNumber() {
        long first = Long.MAX_VALUE;
        for (Retry retry : retries) {
            first = Math.min(first, retry.usage().number());
        }
        return first;
    }
}
