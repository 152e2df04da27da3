package io.hourledger.chaos;

/** An instance that the load uses. */
record LoadInstance(String instanceId, LoadMeter meter) {}
