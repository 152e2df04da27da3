package io.hourledger.pusher.marketplace;

import java.util.List;

/** Tries a seller account's way to the marketplace, in a way that can bill nothing. What the answers do not show is not guessed. */
public interface AccountTrial {

    /** Whether what was tried is as it must be. */
    enum State {
        OK,
        NOT_OK,
        /** The answer shows neither. */
        NOT_KNOWN
    }

    /**
     * One line.
     *
     * @param what was tried
     * @param found what came back, in words
     * @param toDo what a person does now; empty if nothing
     */
    record Check(String what, State state, String found, String toDo) {}

    /**
     * Makes the calls, one after the other, and waits for each answer.
     *
     * @param withRecord whether one call carries a record, of an instance that nobody has: only that tries a record's form
     */
    List<Check> run(boolean withRecord);
}
