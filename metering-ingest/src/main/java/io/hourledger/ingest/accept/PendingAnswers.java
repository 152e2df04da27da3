package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.UsageLog.NotTaken;
import io.hourledger.ingest.accept.UsageLog.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one request, filled in by whichever thread learns them. That may be the log's own thread, so as little as possible is done
 * where an outcome is told. Safe for many threads.
 */
final class PendingAnswers {

    private final AtomicReferenceArray<@Nullable Outcome> outcomes;
    private final @Nullable ItemAnswer[] answersWithoutLog;
    private final @Nullable String[] ids;
    private final AtomicInteger open;
    private volatile @Nullable Runnable whenComplete;

    PendingAnswers(int items) {
        outcomes = new AtomicReferenceArray<>(items);
        answersWithoutLog = new ItemAnswer[items];
        ids = new String[items];
        // one more than there are items: the request itself, until it knows whom to tell
        open = new AtomicInteger(items + 1);
    }

    /** Names an item that the log is asked to take. For the thread of the request only, before {@link #whenComplete}. */
    void expect(int index, String id) {
        ids[index] = id;
    }

    /** Answers an item that the log is not asked to take. For the thread of the request only, before {@link #whenComplete}. */
    void tell(int index, ItemAnswer answer) {
        answersWithoutLog[index] = answer;
        oneLessOpen();
    }

    /** What the log says of an item; only its first word counts. */
    void tell(int index, Outcome outcome) {
        if (outcomes.compareAndSet(index, null, outcome)) {
            oneLessOpen();
        }
    }

    /** {@code told} runs once, when the last answer is there; in this thread if it is there already. */
    void whenComplete(Runnable told) {
        whenComplete = told;
        oneLessOpen();
    }

    /** Waits for the last answer, for so long at most. Instead of {@link #whenComplete}; for a virtual thread. */
    void await(Duration atMost) {
        Thread waiting = Thread.currentThread();
        long deadline = System.nanoTime() + atMost.toNanos();
        whenComplete(() -> LockSupport.unpark(waiting));
        for (long left = atMost.toNanos(); open.get() > 0 && left > 0; left = deadline - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                return; // the service stops, and says what is known now
            }
        }
    }

    /** True once the log has said that it did not take this item. */
    boolean notTaken(int index) {
        return outcomes.get(index) instanceof NotTaken;
    }

    /** The answers as they stand; what is still open is unconfirmed. */
    List<ItemAnswer> now() {
        List<ItemAnswer> list = new ArrayList<>(ids.length);
        for (int i = 0; i < ids.length; i++) {
            ItemAnswer withoutLog = answersWithoutLog[i];
            list.add(withoutLog != null ? withoutLog : answerOfLog(i));
        }
        return list;
    }

    private ItemAnswer answerOfLog(int index) {
        Outcome outcome = outcomes.get(index);
        String id = ids[index];
        return outcome == null || id == null
                ? ItemAnswer.unconfirmed(id, "the log did not answer in time")
                : outcome.answerFor(id);
    }

    private void oneLessOpen() {
        if (open.decrementAndGet() == 0 && whenComplete != null) {
            whenComplete.run();
        }
    }
}
