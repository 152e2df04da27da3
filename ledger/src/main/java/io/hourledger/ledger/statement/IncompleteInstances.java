package io.hourledger.ledger.statement;

import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.store.DeadLetterQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Knows the instances whose figures lack events, since the projections cannot take one of them. */
public final class IncompleteInstances {

    private final DeadLetterQueue waiting;

    public IncompleteInstances(DataSource database) {
        this.waiting = new DeadLetterQueue(new JdbcTemplate(database));
    }

    /**
     * A sentence for a person, by instance. Joins the caller's transaction, so that it is of the moment of the figures.
     *
     * @param instance only this one; null for all
     * @param buyer only this buyer's, and those whose buyer is not known yet; null for all
     */
    public SortedMap<String, String> of(@Nullable String instance, @Nullable String buyer) {
        SortedMap<String, String> sentences = new TreeMap<>();
        waiting.waiting(LedgerProjections.READER, instance, buyer)
                .forEach(sequence -> sentences.put(sequence.letter().instanceId(), sequence.sentence()));
        return sentences;
    }
}
