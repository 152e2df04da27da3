package io.hourledger.ledger.store;

import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.HistoryLookup;
import io.hourledger.ledger.instance.InstanceDecider.Recall;
import io.hourledger.ledger.instance.InstanceState;

/** Recalls from the streams of any instances, reading no further back than it has to, and anew each time. */
final class EventHistory implements HistoryLookup {

    private final EventTable table;

    EventHistory(EventTable table) {
        this.table = table;
    }

    @Override
    public InstanceState recall(InstanceState now, Recall forgotten) {
        String id = now.instanceId();
        return switch (forgotten) {
            case Recall.OfPackage(String packageId) ->
                table.packageAdded(id, packageId) ? now.recallingPackage(packageId) : now;
            case Recall.OfHour(UsageHour hour) -> recallFrom(now, hour);
            case Recall.OfRecord(MeteringSn meteringSn) ->
                table.hourOfRecord(id, meteringSn)
                        .map(hour -> recallFrom(now, hour))
                        .orElse(now);
        };
    }

    private InstanceState recallFrom(InstanceState now, UsageHour hour) {
        return now.recalling(hour, now.rememberingAll().told(table.tail(now.instanceId(), hour)));
    }
}
