package io.hourledger.chaos;

/**
 * An instance that the load uses.
 *
 * @param sums whether its meter adds values; else it counts events
 */
record LoadInstance(String instanceId, boolean sums) {}
