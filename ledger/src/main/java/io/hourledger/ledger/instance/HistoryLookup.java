package io.hourledger.ledger.instance;

import io.hourledger.ledger.instance.InstanceDecider.Recall;

/** Where an instance looks up what its state has forgotten. */
public interface HistoryLookup {

    /** The state, with what is to be recalled in mind; unchanged if there never was such a thing. */
    InstanceState recall(InstanceState now, Recall forgotten);
}
