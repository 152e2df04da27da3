package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.UsageAmendment;
import java.time.Instant;

/**
 * An amendment as it stands in the log of its partition.
 *
 * @param recordedAt the record's timestamp: the business time of receipt
 * @param revision of its hour from which on it holds; earlier ones end before it in the log
 */
public record CountedAmendment(UsageAmendment amendment, long offset, Instant recordedAt, int revision) {}
