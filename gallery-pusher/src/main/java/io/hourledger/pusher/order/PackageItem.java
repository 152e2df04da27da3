package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.InstanceId;
import java.math.BigDecimal;

/**
 * A billing item of a package, and what it does.
 *
 * @param productId of the item
 * @param instanceId the pay-per-use instance whose usage is drawn from it
 * @param amount what it contains, in the meter's unit
 */
record PackageItem(String productId, InstanceId instanceId, BigDecimal amount) {}
