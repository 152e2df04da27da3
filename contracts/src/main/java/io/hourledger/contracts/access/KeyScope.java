package io.hourledger.contracts.access;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a key may write. All that is named must hold of an event. Who takes an event sees whether it holds, but for the products: only the
 * ledger knows of which product an instance is, so these travel with the event ({@link ProductsHeader}).
 *
 * @param sources the CloudEvents sources, exactly
 * @param sourcePrefixes what a source may start with, up to the end or to one of the signs / : ? #; an empty one allows all
 * @param types the event types; none allows all
 * @param instances the instances, by their ids; none allows all
 * @param products the products, by their ids, of which the instance must be; none allows all
 */
public record KeyScope(
        List<String> sources,
        List<String> sourcePrefixes,
        Set<String> types,
        Set<String> instances,
        Set<String> products) {

    private static final String SEGMENT_SIGNS = "/:?#";

    public KeyScope {
        sources = List.copyOf(sources);
        sourcePrefixes = List.copyOf(sourcePrefixes);
        types = Set.copyOf(types);
        instances = Set.copyOf(instances);
        products = Set.copyOf(Objects.requireNonNullElse(products, Set.of())); // a form from before there were any
        if (sources.isEmpty() && sourcePrefixes.isEmpty()) {
            throw new IllegalArgumentException(
                    "the key may send for no source: name them, or allow all by an empty prefix");
        }
        if (Stream.of(sources, types, instances, products)
                .flatMap(named -> named.stream())
                .anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("a source, type, instance or product is empty");
        }
        if (ProductsHeader.write(products).length > ProductsHeader.MAX_BYTES) {
            throw new IllegalArgumentException(
                    "the products of a key are at most " + ProductsHeader.MAX_BYTES + " bytes together");
        }
    }

    /** One for the instances of all products. */
    public KeyScope(List<String> sources, List<String> sourcePrefixes, Set<String> types, Set<String> instances) {
        this(sources, sourcePrefixes, types, instances, Set.of());
    }

    public boolean allowsSource(String source) {
        for (String allowed : sources) {
            if (source.equals(allowed)) {
                return true;
            }
        }
        for (String prefix : sourcePrefixes) {
            if (source.startsWith(prefix) && endsSegment(prefix, source)) {
                return true;
            }
        }
        return false;
    }

    public boolean allowsType(String type) {
        return types.isEmpty() || types.contains(type);
    }

    public boolean allowsInstance(String instance) {
        return instances.isEmpty() || instances.contains(instance);
    }

    /** Else the key of /shop could bill for /shopper. */
    private static boolean endsSegment(String prefix, String source) {
        int end = prefix.length();
        return end == 0
                || end == source.length()
                || SEGMENT_SIGNS.indexOf(prefix.charAt(end - 1)) >= 0
                || SEGMENT_SIGNS.indexOf(source.charAt(end)) >= 0;
    }
}
