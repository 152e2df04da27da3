package io.hourledger.aggregator.quarantine;

import io.hourledger.contracts.instance.DecidedBy;
import java.time.Instant;

/** Appends records to the usage log. */
public interface UsageLogWriter {

    /**
     * A record to append.
     *
     * @param recordedAt business time
     * @param origin the record in quarantine that it comes from
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Resent(int partition, byte[] key, byte[] value, Instant recordedAt, LogPlace origin, DecidedBy by) {}

    /**
     * Appends a record, with headers that say where it comes from, who sent it and why.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if it may or may not have been appended
     */
    LogPlace append(Resent record);
}
