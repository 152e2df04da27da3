package io.hourledger.contracts.marketplace;

import static java.time.temporal.ChronoUnit.SECONDS;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is sent to the marketplace (SDR, 话单; koogallery.md, section 1.3): built once, stored, then sent; every retry sends the identical
 * record.
 *
 * @param instanceId the pay-per-use instance, never a package
 * @param recordTime when the record was built, whole seconds
 * @param amount above zero, 4 decimals at most
 * @param packageInstanceId the package to deduct from ({@code relate_pkg_instance}); null for plain pay per use
 */
public record UsageRecord(
        String instanceId,
        MeteringSn meteringSn,
        UsageWindow window,
        BigDecimal amount,
        Instant recordTime,
        @Nullable String packageInstanceId) {

    public UsageRecord {
        if (amount.signum() <= 0
                || amount.scale() > BillableAmount.SCALE
                || amount.compareTo(BillableAmount.LARGEST) > 0) {
            throw new IllegalArgumentException("not an amount the marketplace takes: " + amount);
        }
        if (!recordTime.equals(recordTime.truncatedTo(SECONDS))) {
            throw new IllegalArgumentException("record_time has whole seconds: " + recordTime);
        }
        if (recordTime.isBefore(window.end())) {
            throw new IllegalArgumentException(
                    "a record is built after its window ended: " + recordTime + " " + window);
        }
    }
}
