package io.hourledger.pusher.files;

import io.hourledger.contracts.marketplace.UsageWindow;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * One row of a file, as far as it has these columns.
 *
 * @param line its number in the file, from 1; the header counts
 * @param amount with at most 4 decimals, as the marketplace has amounts
 * @param code of the marketplace for one record, such as 013
 * @param unreadable what in it can't be read, for a person; then it says nothing else for certain; null if all can
 */
public record ListedRow(
        long line,
        @Nullable String meteringSn,
        @Nullable String instanceId,
        @Nullable UsageWindow window,
        @Nullable BigDecimal amount,
        @Nullable String code,
        @Nullable String reason,
        @Nullable String unreadable) {}
