package io.hourledger.aggregator.recount;

import java.util.function.Function;

/** What a second reading of the log came to. */
public sealed interface Recount<T> {

    /** The log was read, and the count stands. */
    record Counted<T>(T result) implements Recount<T> {
        @Override
        public <R> Recount<R> map(Function<T, R> change) {
            return new Counted<>(change.apply(result));
        }
    }

    /**
     * Kafka no longer keeps all that is needed, so nobody can say.
     *
     * @param detail a sentence for a person
     */
    record LogGone<T>(String detail) implements Recount<T> {
        @Override
        public <R> Recount<R> map(Function<T, R> change) {
            return new LogGone<>(detail);
        }
    }

    /**
     * Where the hour ends in the log is not decided, or what lies before that is not counted and entered yet.
     *
     * @param detail a sentence for a person
     */
    record NotOver<T>(String detail) implements Recount<T> {
        @Override
        public <R> Recount<R> map(Function<T, R> change) {
            return new NotOver<>(detail);
        }
    }

    /**
     * The log says something else than the ledger. Nothing may be built on either until a person has looked.
     *
     * @param detail a sentence for a person
     */
    record Differs<T>(String detail) implements Recount<T> {
        @Override
        public <R> Recount<R> map(Function<T, R> change) {
            return new Differs<>(detail);
        }
    }

    /**
     * Memory has no room for what has to be looked at. Somebody with more memory can say.
     *
     * @param detail a sentence for a person
     */
    record NoRoom<T>(String detail) implements Recount<T> {
        @Override
        public <R> Recount<R> map(Function<T, R> change) {
            return new NoRoom<>(detail);
        }
    }

    /** The same outcome with another result. */
    <R> Recount<R> map(Function<T, R> change);
}
