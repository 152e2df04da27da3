package io.hourledger.pusher.push;

import io.hourledger.contracts.marketplace.UsageWindow;

/** Asks the ledger how many usage records an instance has for a window; more than one must never be. */
public interface RecordsOfAWindow {
    int count(String instanceId, UsageWindow window);
}
