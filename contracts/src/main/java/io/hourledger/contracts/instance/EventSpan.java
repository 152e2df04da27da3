package io.hourledger.contracts.instance;

import java.time.Instant;

/**
 * Says how many usage events were counted, and between which times.
 *
 * @param firstEventAt the earliest event time among them
 * @param lastEventAt the latest event time among them
 */
public record EventSpan(long eventCount, Instant firstEventAt, Instant lastEventAt) {}
