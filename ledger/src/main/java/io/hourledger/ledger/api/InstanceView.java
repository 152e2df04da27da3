package io.hourledger.ledger.api;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Life;
import io.hourledger.ledger.instance.Origin;
import io.hourledger.ledger.instance.Packages;
import io.hourledger.ledger.instance.ReachedThresholds;
import io.hourledger.ledger.instance.Totals;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An instance as it is now.
 *
 * @param origin what it was opened as: order, product, meter, buyer
 * @param life when it could be billed
 * @param packages what it draws usage from, if it is prepaid
 * @param totals everything metered so far and where it is
 * @param meteredUntil the end of the last hour that was metered; null if none was
 * @param thresholds what its app was told of its usage in the latest periods
 */
public record InstanceView(
        InstanceId instanceId,
        Origin origin,
        Life life,
        Packages packages,
        Totals totals,
        @Nullable Instant meteredUntil,
        ReachedThresholds thresholds) {

    /** The billable parts of an hour, in order, cut where other packages begin to pay. */
    public List<Life.Stretch> stretches(UsageHour hour) {
        return packages.cut(life.stretches(hour));
    }

    /** The product that it has now. */
    public Product product() {
        return life.products().periods().getLast().product();
    }

    public Instant openedAt() {
        return life.openedAt();
    }

    /** Null while it lives. */
    public @Nullable Instant releasedAt() {
        return life.releasedAt();
    }
}
