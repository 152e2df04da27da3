package io.hourledger.contracts.scan;

import io.hourledger.contracts.usage.CatalogueVersions;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The meters of all versions of the catalogue, and those of each apart. Immutable, so that many readers share them.
 *
 * @param byFirstHour the meters of each version alone, by the number of the first hour that it rules
 */
record VersionMeters(CatalogueVersions versions, Meters all, NavigableMap<Long, Meters> byFirstHour) {

    static VersionMeters of(CatalogueVersions versions) {
        NavigableMap<Long, Meters> byFirstHour = new TreeMap<>();
        versions.byFirstHour()
                .forEach((hour, catalogue) -> byFirstHour.put(hour, new Meters(CatalogueVersions.only(catalogue))));
        return new VersionMeters(versions, new Meters(versions), byFirstHour);
    }
}
