package io.hourledger.contracts.usage;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The meters and products of one seller, under one version number. Each metered hour names the version it was counted with. A
 * change of the catalogue never changes an hour that was counted before: the aggregator refuses a catalogue that would. Immutable.
 */
public final class Catalogue {

    private final int version;
    private final Map<String, Meter> metersByName = new LinkedHashMap<>();
    private final Map<String, List<Meter>> metersByEventType = new HashMap<>();
    private final Map<String, Product> productsById = new LinkedHashMap<>();

    /**
     * @throws IllegalArgumentException if two meters share a name, two products an id, a product names a meter that is not there, a product is
     *     sold in a way that cannot be served, or a meter that weighs levels shares its events
     */
    public Catalogue(int version, List<Meter> meters, List<Product> products) {
        if (version < 1) {
            throw new IllegalArgumentException("the catalogue's version must be 1 or more: " + version);
        }
        this.version = version;
        for (Meter meter : meters) {
            if (metersByName.put(meter.name(), meter) != null) {
                throw new IllegalArgumentException("two meters are named " + meter.name());
            }
            metersByEventType
                    .computeIfAbsent(meter.eventType(), type -> new ArrayList<>())
                    .add(meter);
        }
        metersByEventType.replaceAll((type, reading) ->
                reading.stream().sorted(Comparator.comparing(Meter::name)).toList());
        metersByEventType.values().forEach(Catalogue::checkThatLevelsAreAlone);
        for (Product product : products) {
            if (!metersByName.containsKey(product.meter())) {
                throw new IllegalArgumentException("product " + product.productId() + " names meter " + product.meter()
                        + ", which is not in the catalogue");
            }
            if (productsById.put(product.productId(), product) != null) {
                throw new IllegalArgumentException("two products have the id " + product.productId());
            }
        }
        productsById.values().forEach(this::checkThatItCanBeServed);
    }

    /**
     * A level counts in hours behind its own, where no bucket of another meter could account for it. So which of its events another meter of its
     * type cannot read would not be known there.
     */
    private static void checkThatLevelsAreAlone(List<Meter> reading) {
        for (Meter meter : reading) {
            if (meter.aggregation() == Aggregation.TIME_WEIGHTED_SUM && reading.size() > 1) {
                throw new IllegalArgumentException(
                        "meter " + meter.name() + " weighs levels, so no other meter may read" + " events of type "
                                + meter.eventType() + ": send its levels under a type of their own");
            }
        }
    }

    private void checkThatItCanBeServed(Product product) {
        PackageTerms terms = product.packageTerms();
        if (product.chargingMode() != ChargingMode.ON_DEMAND_PKG) {
            if (terms != null) {
                throw new IllegalArgumentException("product " + product.productId() + " is sold as "
                        + product.chargingMode() + ", and only one sold as ON_DEMAND_PKG has a \"package\"");
            }
            return;
        }
        if (terms == null || !terms.stopWhenUsedUp()) {
            throw new IllegalArgumentException(
                    "product " + product.productId()
                            + " is sold as a package (ON_DEMAND_PKG). Only packages that stop when they are used up can be served:"
                            + " say \"package\": {\"stopWhenUsedUp\": true, \"for\": [\"…\"]}, or take the product out of the catalogue");
        }
        if (terms.servedProducts().isEmpty()) {
            throw new IllegalArgumentException("package " + product.productId()
                    + " does not say what it is for: name the pay-per-use products, as \"for\": [\"…\"]");
        }
        for (String served : terms.servedProducts()) {
            Product other = productsById.get(served);
            if (other == null
                    || other.chargingMode() != ChargingMode.ON_DEMAND
                    || !other.meter().equals(product.meter())) {
                throw new IllegalArgumentException("package " + product.productId() + " is for product " + served
                        + ", and no product of that id is sold as ON_DEMAND and has its meter " + product.meter()
                        + ", so no usage could be drawn from it");
            }
        }
    }

    public int version() {
        return version;
    }

    /** In the order of the file. */
    public Collection<Meter> meters() {
        return List.copyOf(metersByName.values());
    }

    /** In the order of the file. */
    public Collection<Product> products() {
        return List.copyOf(productsById.values());
    }

    public Optional<Meter> meter(String name) {
        return Optional.ofNullable(metersByName.get(name));
    }

    /**
     * The meters that read events of this CloudEvents {@code type}, by name: another order in the file changes nothing. Which of them counts
     * for an instance, its product says.
     */
    public List<Meter> metersOfEventType(String eventType) {
        return metersByEventType.getOrDefault(eventType, List.of());
    }

    /** The event types of which every meter has a filter: an event of theirs that none takes is filtered out. */
    public List<String> filteredTypes() {
        return metersByName.values().stream()
                .map(Meter::eventType)
                .distinct()
                .filter(type -> metersOfEventType(type).stream()
                        .noneMatch(meter -> meter.filter().isEmpty()))
                .toList();
    }

    /** Whether a product names this meter. */
    public boolean isSold(String meter) {
        return productsById.values().stream()
                .anyMatch(product -> product.meter().equals(meter));
    }

    public Optional<Product> product(String productId) {
        return Optional.ofNullable(productsById.get(productId));
    }
}
