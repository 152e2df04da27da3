package io.hourledger.aggregator.hour;

import io.hourledger.ledger.api.DatabaseFailure;
import java.util.List;
import java.util.function.Consumer;

/** Work on several hours or partitions, where one that fails must not keep the others from being done. */
public final class RunIndependently {

    private RunIndependently() {}

    /**
     * Does the work for each, whatever happens with the others; an interrupt ends it.
     *
     * @throws RuntimeException the first failure, with the others suppressed in it
     */
    public static <T> void of(Iterable<T> all, Consumer<T> work) {
        RuntimeException first = null;
        for (T one : all) {
            try {
                work.accept(one);
            } catch (RuntimeException failed) {
                if (first == null) {
                    first = failed;
                } else if (failed != first) {
                    first.addSuppressed(failed);
                }
                if (Thread.currentThread().isInterrupted()) {
                    break;
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Whether the data or a bug is at fault, so that it fails again; and no outage, nor a lost race. */
    public static boolean isOfData(Throwable failed) {
        return !(failed instanceof StoreUnavailableException)
                && DatabaseFailure.of(failed) == DatabaseFailure.DATA_OR_BUG;
    }

    /**
     * Does work for many at once. If that fails for the data or a bug it is done in halves, until what fails is alone: so it is done for all
     * others. An outage or a lost race ends it.
     *
     * @throws RuntimeException the first failure of those that were alone, with the others suppressed in it
     */
    public static <T> void halved(List<T> all, Consumer<List<T>> work) {
        try {
            work.accept(all);
        } catch (RuntimeException failed) {
            if (all.size() <= 1 || !isOfData(failed)) {
                throw failed;
            }
            int half = all.size() / 2;
            of(List.of(all.subList(0, half), all.subList(half, all.size())), some -> halved(some, work));
        }
    }
}
