package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.Usage;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/** Two versions: in the second a meter is retired, one has another unit, and one has left the events that it shared. */
final class SimulatedCatalogue {

    static final UsageHour SECOND_FROM = UsageHour.of(World.BEGIN.plus(Duration.ofHours(2)));

    static final Catalogue SECOND = new Catalogue(
            2,
            List.of(
                    Usage.CALL_BYTES,
                    Usage.CALLS,
                    new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "KB", new BigDecimal("0.001")),
                    Usage.SIZE,
                    Usage.PEAK,
                    Usage.FLOOR),
            List.of());

    static final CatalogueVersions VERSIONS = Usage.VERSIONS.with(SECOND, SECOND_FROM);

    private SimulatedCatalogue() {}

    /** Those that read an event of the script in this hour; the script names one of them, as the first version has it. */
    static List<Meter> reading(String meter, UsageHour hour) {
        return VERSIONS.of(hour)
                .metersOfEventType(Usage.CATALOGUE.meter(meter).orElseThrow().eventType());
    }

    /** The meter that counts the calls of an instance. */
    static String callsCountedBy(String instance) {
        return (instance.hashCode() & 1) == 0 ? Usage.CALLS.name() : Usage.CALL_BYTES.name();
    }

    static boolean isDropped(String instance, String meter) {
        boolean readsCalls = List.of(Usage.CALLS.name(), Usage.CALL_BYTES.name(), Usage.CALL_SIZE.name())
                .contains(meter);
        return readsCalls && !meter.equals(callsCountedBy(instance));
    }
}
