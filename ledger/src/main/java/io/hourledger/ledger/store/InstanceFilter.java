package io.hourledger.ledger.store;

import java.util.List;

/**
 * Which instances of a range are meant. The same statement serves both ways.
 *
 * @param instances ids of instances
 * @param meant whether these alone are meant, or all others
 */
public record InstanceFilter(List<String> instances, Meant meant) {

    /** A condition on {@code instance_id}; it takes {@link #ids()} and {@link #isIncluding()}. */
    public static final String SQL = "(instance_id = any (?::text[])) = ?";

    /** Which side of the list is meant. */
    public enum Meant {
        ONLY_THESE,
        ALL_OTHERS
    }

    public InstanceFilter {
        instances = List.copyOf(instances);
    }

    /** All instances but these. */
    public static InstanceFilter allBut(List<String> instances) {
        return new InstanceFilter(instances, Meant.ALL_OTHERS);
    }

    /** These instances and no other. */
    public static InstanceFilter only(List<String> instances) {
        return new InstanceFilter(instances, Meant.ONLY_THESE);
    }

    public String[] ids() {
        return instances.toArray(String[]::new);
    }

    public boolean isIncluding() {
        return meant == Meant.ONLY_THESE;
    }
}
