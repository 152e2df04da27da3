package io.hourledger.aggregator.closing;

import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.ledger.instance.Decision;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What closing needs of the ledger. */
public interface HourLedger {

    /**
     * Enters hours, all of them in one transaction; each may have been entered before.
     *
     * @throws io.hourledger.ledger.api.LedgerUnavailableException if nothing was entered
     */
    List<Decision> enter(List<MeterHour> hours);

    /** The meter that the product of each of these instances names, of those that the ledger knows and can read. */
    Map<String, String> meters(Collection<String> instances);

    /** Those of these instances that the ledger knows. */
    Set<String> known(Collection<String> instances);
}
