package io.hourledger.contracts.instance;

import java.time.Instant;

/**
 * Names one usage record and what it was built for.
 *
 * @param hour the start of the usage hour
 * @param revision of that hour
 */
public record RecordRef(String meteringSn, Instant hour, int revision) {}
