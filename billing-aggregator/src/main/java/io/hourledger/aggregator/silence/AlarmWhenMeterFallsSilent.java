package io.hourledger.aggregator.silence;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the alarm when a meter that is usually busy had no usage at all in a closed hour: {@code usage.aggregator.meter.silent} is 1 and the
 * log says so once, until there is usage again. So it is known about an hour after the last event.
 *
 * <p>Usually busy is a meter with usage in {@value #BUSY_HOURS} of the 24 hours up to its last usage: one that rests at night is not.
 */
public final class AlarmWhenMeterFallsSilent {

    private static final Logger log = LoggerFactory.getLogger(AlarmWhenMeterFallsSilent.class);

    private static final int BUSY_HOURS = 22;

    private final MeterHours hours;
    private final Supplier<CatalogueVersions> versions;
    private final MeterRegistry metrics;
    private final Map<String, Boolean> silent = new ConcurrentHashMap<>();
    private final Set<String> shown = ConcurrentHashMap.newKeySet();

    public AlarmWhenMeterFallsSilent(DataSource database, Supplier<CatalogueVersions> versions, MeterRegistry metrics) {
        this.hours = new MeterHours(database);
        this.versions = versions;
        this.metrics = metrics;
        versions.get().all().forEach(catalogue -> catalogue.meters().forEach(this::show));
    }

    /** Once each: a gauge that is registered again is a warning in the log. */
    private void show(Meter meter) {
        if (!shown.add(meter.name())) {
            return;
        }
        Gauge.builder("usage.aggregator.meter.silent", () -> isSilent(meter.name()) ? 1 : 0)
                .tag("meter", meter.name())
                .description("1 while a usually busy meter has no usage")
                .register(metrics);
    }

    boolean isSilent(String meter) {
        return silent.getOrDefault(meter, false);
    }

    /** Looks once at all meters of the version that rules the last closed hour. Those that were retired before are not silent. */
    public void look() {
        Optional<UsageHour> closedThrough = hours.closedThrough();
        CatalogueVersions catalogues = versions.get();
        Catalogue catalogue = closedThrough.map(catalogues::of).orElseGet(catalogues::newest);
        silent.keySet().removeIf(meter -> catalogue.meter(meter).isEmpty());
        for (Meter meter : catalogue.meters()) {
            show(meter);
            Optional<MeterHours.Use> use = closedThrough.flatMap(through -> hours.of(meter.name(), through));
            boolean now = use.filter(AlarmWhenMeterFallsSilent::hasFallenSilent).isPresent();
            boolean before = Boolean.TRUE.equals(silent.put(meter.name(), now));
            if (now && !before) {
                log.atError()
                        .addKeyValue("meter", meter.name())
                        .addKeyValue("lastHourWithUsage", use.get().lastUsed())
                        .addKeyValue("hoursUsedOfTheDayBefore", use.get().usedHours())
                        .log("a meter that is usually busy has fallen silent; is its app or its way here down?");
            } else if (before && !now) {
                log.atInfo().addKeyValue("meter", meter.name()).log("a meter that was silent has usage again");
            }
        }
    }

    /** Somebody else looks now; here nothing is known. */
    public void rest() {
        silent.clear();
    }

    static boolean hasFallenSilent(MeterHours.Use use) {
        return use.lastUsed().compareTo(use.closedThrough()) < 0 && use.usedHours() >= BUSY_HOURS;
    }
}
