package io.hourledger.pusher.push;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** What was sent, written down in a place that does not go back when the database does. Pages stand in one order. */
public interface SentCallJournal {

    /** Nothing is written down: a database that went back is not noticed then. */
    SentCallJournal NONE = new SentCallJournal() {
        @Override
        public long sent(SentCall call) {
            return 0;
        }

        @Override
        public long settled(SettledCall call) {
            return 0;
        }

        @Override
        public long decided(SuspensionDecision decision) {
            return 0;
        }

        @Override
        public Extent read(long from, Consumer<Page> reader) {
            return new Extent(0, from);
        }

        @Override
        public boolean isStored() {
            return false;
        }
    };

    /**
     * Writes a call down, after its attempt was stored and before it is made.
     *
     * @return its place, once it is kept
     * @throws RuntimeException if it may or may not have been kept
     */
    long sent(SentCall call);

    /** Writes down what came of a call, after the ledger was told. Returns its place. */
    long settled(SettledCall call);

    /** Writes down what a person decided of the account, after the database has it. Returns its place. */
    long decided(SuspensionDecision decision);

    /** Hands over what stands from a place on, and says from where to where the journal goes. */
    Extent read(long from, Consumer<Page> reader);

    /**
     * Why this database may not send now, for a person: another one sends in its place, or nobody knows yet. Empty if it may. Answers at once.
     */
    default Optional<String> whyNotToSend() {
        return Optional.empty();
    }

    /** Whether {@link #whyNotToSend()} is for a person: another one sends. False while that is merely not known. */
    default boolean isSuperseded() {
        return false;
    }

    /** Whether there is a journal. */
    default boolean isStored() {
        return true;
    }

    /**
     * From where to where the journal goes.
     *
     * @param first the place of the first page that is still there
     * @param end the place of the next page
     */
    record Extent(long first, long end) {}

    /** One page of the journal. */
    sealed interface Page {

        /** Where it stands. */
        long place();
    }

    /**
     * A call that was about to be made.
     *
     * @param at business time
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    record SentCall(String account, long attempt, long epoch, Instant at, byte[] body) {}

    /**
     * What the ledger was told of a call.
     *
     * @param sentPlace where the call stands
     * @param outcomes the word of each of its records' outcome, in their order
     */
    record SettledCall(String account, long attempt, long epoch, long sentPlace, List<String> outcomes) {}

    /**
     * A person suspended an account alone, or let it go on.
     *
     * @param suspension which one, in every state of the database
     * @param at machine time
     */
    record SuspensionDecision(String account, UUID suspension, Verb verb, String who, String why, Instant at) {

        /** What the person did. */
        public enum Verb {
            SUSPENDED,
            RESUMED
        }
    }

    record SentPage(long place, SentCall call) implements Page {}

    record SettledPage(long place, SettledCall call) implements Page {}

    record SuspensionPage(long place, SuspensionDecision decision) implements Page {}
}
