package io.hourledger.pusher.journal;

import java.util.Optional;
import java.util.UUID;

/** Who writes sent calls: an installation, while its database is in force and the seller account is its own. */
public interface JournalWriter extends AutoCloseable {

    UUID installation();

    /** Whether calls of this installation are ours to know: it is we, or the one in whose place we are. */
    boolean isOurs(UUID writer);

    /** Why nothing may be sent now, for a person; empty if it may. Answers at once. */
    Optional<String> whyNotToSend();

    @Override
    void close();
}
