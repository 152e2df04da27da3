package io.hourledger.pusher.journal;

import java.util.Optional;
import java.util.UUID;

/** Who writes sent calls: an installation, while its database is in force and the seller account is its own. */
public interface JournalWriter extends AutoCloseable {

    UUID installation();

    /**
     * Whether this database must know the calls of an installation: all but of those that are named as readers beside it. Nobody can tell whether
     * another one was lost and this database came in its place.
     */
    boolean mustKnowCallsOf(UUID writer);

    /** Why nothing may be sent now, for a person; empty if it may. Answers at once. */
    Optional<String> whyNotToSend();

    /** Whether nothing may be sent until a person decides: another database or installation sends. False while that is merely not known. */
    boolean isSuperseded();

    @Override
    void close();
}
