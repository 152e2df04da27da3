package io.hourledger.pusher.push;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.ledger.api.LedgerQueries;
import java.time.Instant;

/** What pushing asks the ledger itself, since what its readers have written down may be behind. */
public interface LedgerAnswers {

    /** How many usage records an instance has for a window; more than one must never be. */
    int recordsOf(String instanceId, UsageWindow window);

    /** Whether an instance is frozen, or was at this moment or later. */
    boolean wasFrozenSince(String instanceId, Instant since);

    static LedgerAnswers from(LedgerQueries ledger) {
        return new LedgerAnswers() {
            @Override
            public int recordsOf(String instanceId, UsageWindow window) {
                return ledger.recordsIssued(new InstanceId(instanceId), window);
            }

            @Override
            public boolean wasFrozenSince(String instanceId, Instant since) {
                return ledger.instance(new InstanceId(instanceId))
                        .map(instance -> instance.life().wasFrozenSince(since))
                        .orElse(false);
            }
        };
    }
}
