package io.hourledger.pusher.files;

import io.hourledger.contracts.marketplace.UsageWindow;
import java.math.BigDecimal;

/**
 * A usage record as the ledger has it.
 *
 * @param state the label of the account that its amount is in, such as {@code reported}
 */
public record ComparedRecord(
        String meteringSn, String instanceId, UsageWindow window, BigDecimal amount, String state) {}
