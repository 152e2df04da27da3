package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.HistoryLookup;
import io.hourledger.ledger.instance.InstanceDecider.Recall;
import io.hourledger.ledger.instance.InstanceState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Recalls for one instance in one batch. What was read of its stream for one command serves the next: after an outage a call settles many
 * records of old hours, and each would read the stream back to its own.
 */
final class BatchHistory implements HistoryLookup {

    private final EventTable table;
    private final List<InstanceEvent> fresh;
    private @Nullable UsageHour toldFrom;
    private @Nullable InstanceState told;
    private int freshTold;

    /**
     * @param fresh events that the instance's state knows and its stream does not hold yet; the list may grow
     */
    BatchHistory(EventTable table, List<InstanceEvent> fresh) {
        this.table = table;
        this.fresh = fresh;
    }

    @Override
    public InstanceState recall(InstanceState now, Recall forgotten) {
        String id = now.instanceId();
        return switch (forgotten) {
            case Recall.OfPackage(String packageId) ->
                table.packageAdded(id, packageId) ? now.recallingPackage(packageId) : now;
            case Recall.OfHour(UsageHour hour) -> now.recalling(hour, toldFrom(now, hour));
            case Recall.OfRecord(MeteringSn meteringSn) ->
                hourOf(id, meteringSn)
                        .map(hour -> now.recalling(hour, toldFrom(now, hour)))
                        .orElse(now);
        };
    }

    private Optional<UsageHour> hourOf(String instanceId, MeteringSn meteringSn) {
        Optional<UsageHour> known =
                told == null ? Optional.empty() : told.recent().hourOf(meteringSn);
        return known.isPresent() ? known : table.hourOfRecord(instanceId, meteringSn);
    }

    private InstanceState toldFrom(InstanceState now, UsageHour hour) {
        InstanceState before = told;
        if (before == null || toldFrom == null || hour.compareTo(toldFrom) < 0) {
            before = now.rememberingAll().told(table.tail(now.instanceId(), hour));
            toldFrom = hour;
            freshTold = 0;
        }
        InstanceState after = before.told(fresh.subList(freshTold, fresh.size()));
        freshTold = fresh.size();
        told = after;
        return after;
    }
}
