package io.hourledger.aggregator.recount;

import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.ledger.instance.Life.Stretch;
import java.util.List;

/**
 * An hour that the ledger has, to be split.
 *
 * @param billable the parts of the hour in which the instance lived, in order
 */
public record SplitHour(HourMetered metered, List<Stretch> billable) {

    public SplitHour {
        billable = List.copyOf(billable);
    }
}
