package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Holds the versions of the catalogue, each with the first hour that it rules. An hour belongs to the version in force at its start, for good: a
 * version that is added later rules later hours. Immutable.
 */
public final class CatalogueVersions {

    private static final int FINGERPRINT_BYTES = 16;

    private final NavigableMap<Long, Catalogue> byFirstHour;
    private final String fingerprint;

    private CatalogueVersions(NavigableMap<Long, Catalogue> byFirstHour) {
        this.byFirstHour = Collections.unmodifiableNavigableMap(byFirstHour);
        this.fingerprint = fingerprintOf(byFirstHour);
    }

    /** The Kafka topic on which the aggregator tells them to ingest, beside the topic of usage events. */
    public static String topicOf(String usageTopic) {
        return usageTopic + "-catalogue";
    }

    /** One version for all hours. */
    public static CatalogueVersions only(Catalogue catalogue) {
        NavigableMap<Long, Catalogue> byFirstHour = new TreeMap<>();
        byFirstHour.put(Long.MIN_VALUE, catalogue);
        return new CatalogueVersions(byFirstHour);
    }

    /**
     * These versions, and one that rules from an hour on.
     *
     * @throws IllegalArgumentException if it does not follow them, in its number and in its hour
     */
    public CatalogueVersions with(Catalogue next, UsageHour from) {
        if (next.version() <= newest().version() || from.number() <= byFirstHour.lastKey()) {
            throw new IllegalArgumentException(
                    "version " + next.version() + " from " + from + " does not follow version " + newest().version());
        }
        NavigableMap<Long, Catalogue> byFirstHour = new TreeMap<>(this.byFirstHour);
        byFirstHour.put(from.number(), next);
        return new CatalogueVersions(byFirstHour);
    }

    /** The version in force at the start of an hour. */
    public Catalogue of(UsageHour hour) {
        return byFirstHour.floorEntry(hour.number()).getValue();
    }

    /** Those of their first hours, by the number of the hour; the first rules from the beginning. */
    public NavigableMap<Long, Catalogue> byFirstHour() {
        return byFirstHour;
    }

    /** In the order of their hours. */
    public List<Catalogue> all() {
        return List.copyOf(byFirstHour.values());
    }

    /** The one that was added last. It may not be in force yet. */
    public Catalogue newest() {
        return byFirstHour.lastEntry().getValue();
    }

    /** The version of this number. */
    public Optional<Catalogue> version(int number) {
        return newestWith(catalogue -> catalogue.version() == number);
    }

    /** The newest version that is so. */
    public Optional<Catalogue> newestWith(Predicate<Catalogue> condition) {
        return byFirstHour.descendingMap().values().stream().filter(condition).findFirst();
    }

    /** The same for versions that make equal amounts of equal events in every hour, and for no others. */
    public String fingerprint() {
        return fingerprint;
    }

    private static String fingerprintOf(NavigableMap<Long, Catalogue> byFirstHour) {
        StringBuilder all = new StringBuilder();
        byFirstHour.forEach((hour, catalogue) -> all.append(hour)
                .append(' ')
                .append(catalogue.version())
                .append(' ')
                .append(MeterDefinitions.of(catalogue).fingerprint())
                .append('\n'));
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(all.toString().getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
