package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.LevelModel;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.simulation.LogRecord.Said;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterFilter.Value.Text;
import io.hourledger.contracts.usage.MeterTerms;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/**
 * Two versions: in the second a meter is retired, one has another unit, one has left the events that it shared, and one takes more by its
 * filter. What only a free meter takes is filtered out from then on.
 */
final class SimulatedCatalogue {

    static final UsageHour SECOND_FROM = UsageHour.of(World.BEGIN.plus(Duration.ofHours(2)));

    private static final Meter MORE_HITS = new Meter(
            Usage.EU_HITS.name(),
            "cdn.hit",
            Aggregation.COUNT,
            null,
            "hits",
            BigDecimal.ONE,
            Usage.filter("region", "eu", "us"));

    static final Catalogue SECOND = new Catalogue(
            2,
            List.of(
                    Usage.CALL_BYTES,
                    Usage.CALLS,
                    new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "KB", new BigDecimal("0.001")),
                    Usage.SIZE,
                    Usage.PEAK,
                    Usage.FLOOR,
                    Usage.ACCOUNTS,
                    Usage.BANDWIDTH,
                    Usage.MEDIAN_LEVEL,
                    Usage.DISK_HOURS,
                    MORE_HITS,
                    Usage.GOLD_BYTES),
            List.of());

    static final CatalogueVersions VERSIONS = Usage.VERSIONS.with(SECOND, SECOND_FROM);

    /** The meters of the products that several meters read events of. */
    private static final List<String> PRODUCTS =
            List.of(Usage.CALLS.name(), Usage.CALL_BYTES.name(), Usage.EU_HITS.name(), Usage.GOLD_BYTES.name());

    private SimulatedCatalogue() {}

    /** The type of the events that this meter reads, in the first version. */
    static String typeOf(String meter) {
        return Usage.CATALOGUE.meter(meter).orElseThrow().eventType();
    }

    /** Whether the version of its hour knows the type of an event. */
    static boolean knows(Said says) {
        return !ofType(says).isEmpty();
    }

    /** The meters that read an event: those of its type in the version of its hour, if its data have for each member of their filter one of its values. */
    static List<Meter> reading(Said says) {
        return ofType(says).stream()
                .filter(meter -> meter.filter().members().entrySet().stream()
                        .allMatch(member -> member.getValue().contains(new Text(says.member(member.getKey())))))
                .toList();
    }

    private static List<Meter> ofType(Said says) {
        return VERSIONS.of(UsageHour.of(says.time())).metersOfEventType(typeOf(says.meter()));
    }

    /** The last hour in which a level that a meter reads may hold, and the event's own hour for all other meters. */
    static UsageHour lastHour(Meter meter, Said says) {
        return meter.terms() instanceof MeterTerms.TimeWeighted(Duration holdFor)
                ? UsageHour.of(LevelModel.begin(says.time()).plus(holdFor).minusNanos(1))
                : UsageHour.of(says.time());
    }

    /** The meter of an instance's product. */
    static String meterOf(String instance) {
        return PRODUCTS.get(Math.floorMod(instance.hashCode(), PRODUCTS.size()));
    }

    static boolean isDropped(String instance, String meter) {
        String counts = meterOf(instance);
        return !meter.equals(counts) && typeOf(meter).equals(typeOf(counts));
    }
}
