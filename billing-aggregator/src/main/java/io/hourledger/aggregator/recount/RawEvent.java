package io.hourledger.aggregator.recount;

import java.time.Instant;

/**
 * An event as it lies in the log.
 *
 * @param recordedAt the record's timestamp: the business time of receipt
 * @param bytes as the app sent them
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record RawEvent(int partition, long offset, Instant recordedAt, byte[] bytes) {}
