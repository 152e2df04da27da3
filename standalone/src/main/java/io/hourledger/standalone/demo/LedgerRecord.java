package io.hourledger.standalone.demo;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A usage record as the ledger has it.
 *
 * @param carried what was left for the instance's next record
 * @param state where the ledger says it is
 * @param reportedAt business time at which the gallery had accepted it; null while it has not
 */
record LedgerRecord(
        String instanceId,
        String meteringSn,
        Instant begin,
        Instant end,
        BigDecimal amount,
        BigDecimal carried,
        String state,
        @Nullable Instant reportedAt) {}
