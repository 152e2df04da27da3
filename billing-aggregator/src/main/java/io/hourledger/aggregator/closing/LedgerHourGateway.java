package io.hourledger.aggregator.closing;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Decision;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Enters hours in the ledger of this installation. */
public record LedgerHourGateway(Ledger ledger, LedgerQueries queries) implements HourLedger {

    @Override
    public List<Decision> enter(List<MeterHour> hours) {
        return hours.isEmpty() ? List.of() : ledger.handleAll(hours);
    }

    @Override
    public Map<String, String> meters(Collection<String> instances) {
        return queries.meters(instances.stream().map(InstanceId::new).toList()).entrySet().stream()
                .collect(toMap(meter -> meter.getKey().value(), Map.Entry::getValue));
    }

    @Override
    public Set<String> known(Collection<String> instances) {
        return queries.known(instances.stream().map(InstanceId::new).toList()).stream()
                .map(InstanceId::value)
                .collect(toSet());
    }
}
