package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.HistoryLookup;
import io.hourledger.ledger.instance.InstanceDecider.Recall;
import io.hourledger.ledger.instance.InstanceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        if (forgotten instanceof Recall.OfPackage ofPackage) {
            String packageId = ofPackage.packageInstanceId();
            return table.packageAdded(id, packageId) ? now.recallingPackage(packageId) : now;
        }
        Optional<UsageHour> hour = forgotten instanceof Recall.OfHour ofHour
                ? Optional.of(ofHour.hour())
                : table.hourOfRecord(id, ((Recall.OfRecord) forgotten).meteringSn());
        return hour.map(from -> {
                    List<InstanceEvent> tail = new ArrayList<>(table.tail(id, from));
                    tail.addAll(fresh);
                    return now.recalling(from, tail);
                })
                .orElse(now);
    }
}
