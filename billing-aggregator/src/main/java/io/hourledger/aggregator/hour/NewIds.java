package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.UsageHour;

/** Identities of events that were counted in an hour, 16 bytes each. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record NewIds(UsageHour hour, byte[] ids) {}
