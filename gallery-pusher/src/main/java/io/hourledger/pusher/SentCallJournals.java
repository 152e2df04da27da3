package io.hourledger.pusher;

import io.hourledger.pusher.journal.KafkaSentCallJournal;
import io.hourledger.pusher.push.SentCallJournal;
import java.util.Map;
import java.util.Objects;

/**
 * The journal of sent calls of each seller account. Each has a topic of its own, so that no account reads, or waits for, what another has sent; and
 * each has its own word on whether another installation sends under its key.
 *
 * @param byAccount in the order of the settings
 */
record SentCallJournals(Map<String, SentCallJournal> byAccount) implements AutoCloseable {

    SentCallJournal of(String account) {
        return Objects.requireNonNull(byAccount.get(account), account);
    }

    /** Whether another database sends in place of this one; that is a fact of the database, so every account says the same. */
    boolean isSuperseded() {
        return byAccount.values().iterator().next().isSuperseded();
    }

    @Override
    public void close() {
        for (SentCallJournal journal : byAccount.values()) {
            if (journal instanceof KafkaSentCallJournal onKafka) {
                onKafka.close();
            }
        }
    }
}
