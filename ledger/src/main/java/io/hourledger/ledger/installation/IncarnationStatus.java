package io.hourledger.ledger.installation;

import java.util.Optional;

/** Whether a database may close hours and push for its installation. */
public sealed interface IncarnationStatus {

    /** Why it may not, as a sentence for a person; empty if it may. */
    Optional<String> whyNot();

    /** Whether a person must decide. */
    default boolean isSuperseded() {
        return false;
    }

    /**
     * It may.
     *
     * @param number of its incarnation
     */
    record InForce(long number) implements IncarnationStatus {

        @Override
        public Optional<String> whyNot() {
            return Optional.empty();
        }
    }

    /** The journal and the database have not both answered yet. */
    record NotKnown() implements IncarnationStatus {

        @Override
        public Optional<String> whyNot() {
            return Optional.of("it is not known yet whether this database's incarnation is in force: the journal or the"
                    + " database has not answered");
        }
    }

    /**
     * Another database of the installation came after it.
     *
     * @param number of its own incarnation
     */
    record Superseded(long number, Incarnation by) implements IncarnationStatus {

        @Override
        public Optional<String> whyNot() {
            return Optional.of("superseded: incarnation " + by.number() + " was drawn at " + by.drawnAt() + " on "
                    + by.host() + " (" + by.reason().code() + "), and this database is incarnation " + number
                    + ". Stop what runs on this one, or decide that it goes on: ./metering ledger incarnation draw"
                    + " --who NAME --why TEXT");
        }

        @Override
        public boolean isSuperseded() {
            return true;
        }
    }

    /**
     * The journal has lost the entry, so nobody knows whether another one came after it.
     *
     * @param number of its own incarnation
     */
    record JournalLost(long number) implements IncarnationStatus {

        @Override
        public Optional<String> whyNot() {
            return Optional.of("the journal of installations no longer has incarnation " + number
                    + " of this database: the topic was lost, made anew or named otherwise. Name it by"
                    + " hourledger.journal.installations-topic, or see that no other database of this installation"
                    + " runs, then: ./metering ledger incarnation draw --who NAME --why TEXT");
        }

        @Override
        public boolean isSuperseded() {
            return true;
        }
    }
}
