package io.hourledger.ledger.api;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.marketplace.UsageRecord;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A usage record that was issued and that no pusher has taken over yet.
 *
 * @param hour whose usage it is
 * @param packageInstanceId the package it is deducted from; null for plain pay per use
 * @param collected with which hour, and how soon, the marketplace collects it
 */
public record RecordToReport(
        String meteringSn,
        String instanceId,
        UsageHour hour,
        UsageWindow window,
        BigDecimal amount,
        Instant recordTime,
        @Nullable String packageInstanceId,
        Collected collected) {

    /**
     * How a record is collected.
     *
     * @param hour its own; of usage that came late, or that a person decided, the hour in which the record was issued
     * @param cycle of the product that was in force in its window
     */
    public record Collected(UsageHour hour, BillingCycle cycle) {}

    public BillingCycle billingCycle() {
        return collected.cycle();
    }

    /**
     * As the marketplace gets it.
     *
     * @throws IllegalArgumentException if the marketplace would take no such record
     */
    public UsageRecord record() {
        return new UsageRecord(instanceId, new MeteringSn(meteringSn), window, amount, recordTime, packageInstanceId);
    }
}
