package io.hourledger.aggregator.hour;

import java.util.function.Consumer;

/** Work on several hours or partitions, where one that fails must not keep the others from being done. */
public final class EachByItself {

    private EachByItself() {}

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
}
