package io.hourledger.ledger;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.instance.Origin;
import io.hourledger.ledger.instance.Totals;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An instance as it is now.
 *
 * @param origin what it was opened as: order, product, meter, buyer
 * @param releasedAt null while it lives
 * @param totals everything metered so far and where it is
 * @param meteredUntil the end of the last hour that was metered; null if none was
 */
public record InstanceView(
        InstanceId instanceId,
        Origin origin,
        Instant openedAt,
        @Nullable Instant releasedAt,
        Totals totals,
        @Nullable Instant meteredUntil) {}
