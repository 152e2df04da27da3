package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.HistoryLookup;
import io.hourledger.ledger.instance.InstanceDecider.Recall;
import io.hourledger.ledger.instance.InstanceState;
import java.util.ArrayList;
import java.util.List;

/** Recalls from the streams, reading no further back than it has to. */
final class EventHistory implements HistoryLookup {

    private final EventTable table;
    private final List<InstanceEvent> fresh;

    /**
     * @param fresh events that the instance's state knows and its stream does not hold yet; the list may grow
     */
    EventHistory(EventTable table, List<InstanceEvent> fresh) {
        this.table = table;
        this.fresh = fresh;
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
        List<InstanceEvent> tail = new ArrayList<>(table.tail(now.instanceId(), hour));
        tail.addAll(fresh);
        return now.recalling(hour, tail);
    }
}
