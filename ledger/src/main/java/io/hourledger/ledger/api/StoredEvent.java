package io.hourledger.ledger.api;

import io.hourledger.contracts.instance.InstanceEvent;

/**
 * An event as the ledger keeps it.
 *
 * @param sequenceNumber its place in its instance's history, from 0
 */
public record StoredEvent(long sequenceNumber, InstanceEvent event) {}
