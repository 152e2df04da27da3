package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.ItemAnswer.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The answers of one request, filled in by whichever thread learns them. Safe for many threads. */
final class PendingAnswers {

    private final AtomicReferenceArray<@Nullable ItemAnswer> answers;
    private final @Nullable String[] ids;
    private final AtomicInteger open;
    private volatile @Nullable Runnable whenComplete;

    PendingAnswers(int items) {
        answers = new AtomicReferenceArray<>(items);
        ids = new String[items];
        // one more than there are items: the request itself, until it knows whom to tell
        open = new AtomicInteger(items + 1);
    }

    /** Names an item before its answer is known. For the thread of the request only, before {@link #whenComplete}. */
    void expect(int index, String id) {
        ids[index] = id;
    }

    void tell(int index, ItemAnswer answer) {
        if (answers.compareAndSet(index, null, answer)) {
            oneLessOpen();
        }
    }

    /** {@code told} runs once, when the last answer is there; in this thread if it is there already. */
    void whenComplete(Runnable told) {
        whenComplete = told;
        oneLessOpen();
    }

    /** True once the log has said that it did not take this item. */
    boolean notTaken(int index) {
        ItemAnswer answer = answers.get(index);
        return answer != null
                && answer.status() == Status.UNAVAILABLE
                && answer.code().equals(Codes.BUSY);
    }

    /** The answers as they stand; what is still open is unconfirmed. */
    List<ItemAnswer> now() {
        List<ItemAnswer> list = new ArrayList<>(answers.length());
        for (int i = 0; i < answers.length(); i++) {
            ItemAnswer answer = answers.get(i);
            list.add(answer != null ? answer : ItemAnswer.unconfirmed(ids[i], "the log did not answer in time"));
        }
        return list;
    }

    private void oneLessOpen() {
        if (open.decrementAndGet() == 0 && whenComplete != null) {
            whenComplete.run();
        }
    }
}
